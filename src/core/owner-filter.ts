/** The owners' filter where the programs read it. */
import type { OwnerFilter } from '../sampling/owner-filter.js';
import { LITTLE } from './endianness.js';
import { type GlobalVariables, viewOf } from './global-variables.js';
import { CGROUP_PLACE, LIMIT, OWNER_FILTER } from './layouts.js';

/** Also while the programs run. At most LIMIT of each. */
export function writeOwnerFilter(map: GlobalVariables, filter: OwnerFilter): void {
  const { cgroups, pids } = filter;
  if (cgroups.length > LIMIT.cgroups || pids.length > LIMIT.pids) {
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
