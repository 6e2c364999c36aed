/** Whose connections were asked for. */

/** As they were asked for. Of cgroups and containers any one will do; pids likewise; where there are both, one of each. */
export interface WantedOwners {
  /** Paths, of cgroup2 or of the file system: they and all below. */
  readonly cgroups: readonly string[];
  /** Names, or beginnings of ids. */
  readonly containers: readonly string[];
  readonly pids: readonly number[];
}

/** Whether some were asked for; else all are measured. */
export function isAnyWanted({ cgroups, containers, pids }: WantedOwners): boolean {
  return cgroups.length + containers.length + pids.length > 0;
}
