/** --cgroup, --container, --pid -> whose connections the programs are to measure. */
import { UsageError } from '../faults.js';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import { MOST_CGROUPS, MOST_PIDS } from '../sampling/owner-filter-memory.js';
import { partsOf } from './cgroup-parts.js';
import type { Cgroup, CgroupPaths } from './cgroup-paths.js';

/** As they were asked for. Of cgroups and containers any one will do; pids likewise; where there are both, one of each. */
export interface WantedOwners {
  /** Paths, of cgroup2 or of the file system: they and all below. */
  readonly cgroups: readonly string[];
  /** Beginnings of ids. */
  readonly containers: readonly string[];
  readonly pids: readonly number[];
}

/** Throws a UsageError where there is no such cgroup, container or process now, or more than one. */
export function ownerFilter(wanted: WantedOwners, paths: CgroupPaths): OwnerFilter {
  const { cgroups, containers, pids } = wanted;
  const places = [
    ...cgroups.map((path) => cgroupAt(path, paths)),
    ...containers.flatMap((prefix) => containerOf(prefix, paths)),
  ];
  if (places.length > MOST_CGROUPS) {
    throw new UsageError(`at most ${MOST_CGROUPS} cgroups and containers are possible`);
  }
  if (pids.length > MOST_PIDS) throw new UsageError(`at most ${MOST_PIDS} pids are possible`);
  for (const pid of pids) requireProcess(pid);
  return { cgroups: places, pids };
}

function cgroupAt(path: string, paths: CgroupPaths): Cgroup {
  const found = paths.idOf(path);
  if (found) return found;
  throw new UsageError(`--cgroup: there is no cgroup ${path}; systemd-cgls shows those there are`);
}

/** All of its cgroups: they may be beside each other. */
function containerOf(prefix: string, paths: CgroupPaths): readonly Cgroup[] {
  const found = paths.containers(prefix);
  const ids = new Set(found.map(({ path }) => partsOf(path).container));
  if (ids.size > 1) {
    throw new UsageError(
      `--container: the ids of ${ids.size} containers begin with ${prefix}: ${[...ids].join(', ')}`,
    );
  }
  if (found.length > 0) return found;
  throw new UsageError(`--container: no container's id begins with ${prefix}`);
}

function requireProcess(pid: number): void {
  try {
    process.kill(pid, 0); // asks, and sends nothing
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: there is one.
    if (code !== 'EPERM') throw new UsageError(`--pid: there is no process ${pid}`);
  }
}
