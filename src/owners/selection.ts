/** --cgroup, --container, --pid -> whose connections the programs are to measure. */

import type { WantedOwners } from '../attribution/wanted-owners.js';
import { LIMIT } from '../core/layouts.js';
import { UsageError } from '../faults.js';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import { asciiText } from '../text/ascii.js';
import { partsOf } from './cgroup-parts.js';
import type { Cgroup, CgroupPaths } from './cgroup-paths.js';
import { idsOf } from './container-names.js';
import { requireProcess } from './process-id.js';
import { findRuntimeNames, type RuntimeNamesSource } from './runtime-names.js';

/** `ip netns exec` mounts another /sys. */
export const NO_CGROUPS =
  'cgroup2 is not mounted here (ip netns exec hides it; nsenter --net does not)';

/**
 * Throws a UsageError where there is no such cgroup, container or process now, or more than one.
 * @param sources where names of containers are looked for; none: they are known by their ids alone
 */
export function ownerFilter(
  wanted: WantedOwners,
  paths: CgroupPaths,
  sources: readonly RuntimeNamesSource[] = [],
): OwnerFilter {
  const { cgroups, containers, pids } = wanted;
  const places = [
    ...cgroups.map((path) => cgroupAt(path, paths)),
    ...containers.flatMap((word) => containerOf(word, paths, sources)),
  ];
  if (places.length > LIMIT.cgroups) {
    throw new UsageError(`at most ${LIMIT.cgroups} cgroups and containers can be selected`);
  }
  if (pids.length > LIMIT.pids) throw new UsageError(`at most ${LIMIT.pids} pids can be selected`);
  for (const pid of pids) requireProcess(pid);
  return { cgroups: places, pids };
}

/**
 * A service that was started again has another cgroup at the same path.
 * @returns the filter with it, where there is one; the one before is kept as long as there is none
 */
export function followedFilter(
  { cgroups }: WantedOwners,
  filter: OwnerFilter,
  paths: Pick<CgroupPaths, 'idOf'>,
): OwnerFilter | undefined {
  const places = filter.cgroups.map((place, index) => {
    const path = cgroups[index];
    return (path === undefined ? undefined : paths.idOf(path)) ?? place;
  });
  const isChanged = places.some(({ id }, index) => id !== filter.cgroups[index]?.id);
  return isChanged ? { ...filter, cgroups: places } : undefined;
}

/** No process has it (linux/threads.h: PID_MAX_LIMIT). */
const NOBODY = 4_194_304;

/** A filter without processes would be for all of them. @returns the filter that is for none of these any more */
export function withoutProcesses(filter: OwnerFilter, ended: readonly number[]): OwnerFilter {
  return { ...filter, pids: filter.pids.map((pid) => (ended.includes(pid) ? NOBODY : pid)) };
}

/**
 * Whether it is one of those that the filter names, as the programs decide it of sockets that open.
 * @param pathOf of a cgroup, by its id; undefined where it is gone
 */
export function isSelected(
  { cgroup, pid }: { readonly cgroup: bigint; readonly pid: number },
  { cgroups, pids }: OwnerFilter,
  pathOf: (cgroup: bigint) => string | undefined,
): boolean {
  if (pids.length > 0 && !pids.includes(pid)) return false;
  return cgroups.length === 0 || cgroups.some(({ id }) => isWithin(cgroup, id, pathOf));
}

function isWithin(
  cgroup: bigint,
  wanted: bigint,
  pathOf: (cgroup: bigint) => string | undefined,
): boolean {
  if (cgroup === wanted) return true;
  const [path, around] = [pathOf(cgroup), pathOf(wanted)];
  if (path === undefined || around === undefined) return false;
  return path.startsWith(around === '/' ? around : `${around}/`);
}

function cgroupAt(path: string, paths: CgroupPaths): Cgroup {
  const found = paths.idOf(path);
  if (found) return found;
  requireCgroups(paths);
  throw new UsageError(`--cgroup: no cgroup ${asciiText(path)}; systemd-cgls lists them`);
}

/** All of its cgroups: they may be beside each other. */
function containerOf(
  word: string,
  paths: CgroupPaths,
  sources: readonly RuntimeNamesSource[],
): readonly Cgroup[] {
  const found = wholeFirst(word, [
    ...paths.containers(word),
    ...namedContainers(word, paths, sources),
  ]);
  const ids = new Set(found.map(({ path }) => partsOf(path).container));
  if (ids.size > 1) {
    throw new UsageError(
      `--container: ${ids.size} containers match ${asciiText(word)} by name or start of the id: ${asciiText([...ids].sort().join(', '))}`,
    );
  }
  if (found.length > 0) return found;
  requireCgroups(paths);
  throw new UsageError(
    `--container: no container matches ${asciiText(word)} by name or start of the id; select rootless containers with --cgroup`,
  );
}

/** Of LXC and systemd-nspawn the id is a name, which may be the beginning of another one. */
function wholeFirst(word: string, found: readonly Cgroup[]): readonly Cgroup[] {
  const whole = found.filter(({ path }) => partsOf(path).container === word);
  return whole.length > 0 ? whole : found;
}

/** Those that are called so, but for those whose id begins so; in a pod also as NAMESPACE/POD/NAME. */
function namedContainers(
  word: string,
  paths: CgroupPaths,
  sources: readonly RuntimeNamesSource[],
): Cgroup[] {
  if (sources.length === 0) return [];
  return paths.containers('').filter(({ path }) => {
    const parts = partsOf(path);
    const ids = idsOf(parts);
    if (ids?.container === undefined || ids.container.startsWith(word)) return false;
    const { containerName, podName, namespace } = findRuntimeNames(sources, ids);
    if (containerName === undefined) return false;
    const inPod = [namespace, podName, containerName];
    return word === containerName || (!inPod.includes(undefined) && word === inPod.join('/'));
  });
}

function requireCgroups({ isMounted }: CgroupPaths): void {
  if (!isMounted) throw new UsageError(`cannot find the owners of connections: ${NO_CGROUPS}`);
}
