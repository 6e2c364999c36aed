/** The owners' filter where the programs read it. */
import { endianness } from 'node:os';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import { type GlobalVariables, viewOf } from './settings.js';

/** The programs have room for so many (bpf/pping.h). */
export const MOST_CGROUPS = 64;
export const MOST_PIDS = 16;

/** struct cgroup_place (bpf/pping.h); both are compared with the object's BTF by a test. */
export const CGROUP_PLACE = { id: 0, level: 8, size: 16 } as const;

/** struct owner_filter */
export const OWNER_FILTER = {
  cgroupCount: 0,
  pidCount: 4,
  pids: 8,
  cgroups: 72,
  size: 1096,
} as const;

const LITTLE = endianness() === 'LE';

/** Also while the programs run. At most MOST_CGROUPS and MOST_PIDS. */
export function writeOwnerFilter(map: GlobalVariables, filter: OwnerFilter): void {
  const { cgroups, pids } = filter;
  if (cgroups.length > MOST_CGROUPS || pids.length > MOST_PIDS) {
    throw new RangeError('the filter has more than there is room for');
  }
  const view = viewOf(map);
  view.setUint32(OWNER_FILTER.cgroupCount, cgroups.length, LITTLE);
  view.setUint32(OWNER_FILTER.pidCount, pids.length, LITTLE);
  pids.forEach((pid, index) => {
    view.setUint32(OWNER_FILTER.pids + index * 4, pid, LITTLE);
  });
  cgroups.forEach(({ id, level }, index) => {
    const place = OWNER_FILTER.cgroups + index * CGROUP_PLACE.size;
    view.setBigUint64(place + CGROUP_PLACE.id, id, LITTLE);
    view.setUint32(place + CGROUP_PLACE.level, level, LITTLE);
  });
}
