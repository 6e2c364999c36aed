/** Whose connections are measured. */

/** A directory of cgroup2. */
export interface CgroupPlace {
  /** Its inode. */
  readonly id: bigint;
  /** Below the root, which is 0. */
  readonly level: number;
}

/** Where there are cgroups: of one within them; pids likewise. */
export interface OwnerFilter {
  readonly cgroups: readonly CgroupPlace[];
  readonly pids: readonly number[];
}

export const EVERYONE: OwnerFilter = { cgroups: [], pids: [] };

export function isOwnerFiltered({ cgroups, pids }: OwnerFilter): boolean {
  return cgroups.length > 0 || pids.length > 0;
}
