/** All cgroups there are, which takes a stat of each. */
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface CgroupDirectory {
  readonly directory: string;
  /** The inode number, which is the cgroup's id (kernfs, 64 bits). */
  readonly id: bigint;
  /** Steps below where the walk began. */
  readonly depth: number;
  /** The depth of the outermost on the way that is not root's, this one included; undefined where all are. */
  readonly delegatedAt: number | undefined;
}

const ROOT_UID = 0n;
/** A directory of a cgroup has two links, and one for each below it (kernfs_refresh_inode). */
const LINKS_OF_LEAF = 2n;

/** At least this long between two walks, in ms... */
const INTERVAL_MS = 250;
/** ... and this many times as long as the last one took: 5 % of the time at most. */
const INTERVAL_IN_WALKS = 20;

/** Finds directories by id where the kernel does not say which it is. */
export class CgroupTree {
  readonly #top: string;
  readonly #clock: () => number;
  #nextWalk = Number.NEGATIVE_INFINITY;

  /**
   * @param top the directory to begin with
   * @param clock in ms
   */
  constructor(top: string, clock: () => number) {
    this.#top = top;
    this.#clock = clock;
  }

  /** Whether it is time for another walk. */
  get isDue(): boolean {
    return this.#clock() >= this.#nextWalk;
  }

  /** Walks, whether it is time or not. A directory that comes or goes meanwhile may be missing. */
  walk(): CgroupDirectory[] {
    const start = this.#clock();
    const found = Array.from(directoriesFrom(this.#top));
    const end = this.#clock();
    this.#nextWalk = end + Math.max(INTERVAL_MS, INTERVAL_IN_WALKS * (end - start));
    return found;
  }
}

/**
 * The depth of the outermost directory on the way from `top` to `directory` that is not root's; undefined where all are.
 * One that is gone meanwhile may have been anybody's, and so what was in it.
 */
export function delegatedBetween(top: string, directory: string): number | undefined {
  const names = directory.slice(top.length).split('/').slice(1);
  let at = top;
  for (const [index, name] of names.entries()) {
    at += `/${name}`;
    const stats = statDirectory(at);
    if (stats?.uid !== ROOT_UID) return index + 1;
  }
  return undefined;
}

/** A cgroup's directory; undefined where there is none. */
export function statDirectory(directory: string): BigIntStats | undefined {
  try {
    const stats = statSync(directory, { bigint: true });
    return stats.isDirectory() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Each before those below it. */
function* directoriesFrom(top: string): Generator<CgroupDirectory> {
  const waiting: Omit<CgroupDirectory, 'id'>[] = [
    { directory: top, depth: 0, delegatedAt: undefined },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { directory, depth } = next;
    const stats = statDirectory(directory);
    if (!stats) continue;
    const isDelegated = depth > 0 && stats.uid !== ROOT_UID;
    const delegatedAt = next.delegatedAt ?? (isDelegated ? depth : undefined);
    yield { directory, id: stats.ino, depth, delegatedAt };
    if (stats.nlink <= LINKS_OF_LEAF) continue;
    for (const name of foldersIn(directory)) {
      waiting.push({ directory: join(directory, name), depth: depth + 1, delegatedAt });
    }
  }
}

function foldersIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return []; // gone meanwhile
  }
}
