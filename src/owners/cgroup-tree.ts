/** All cgroups there are, which takes a stat of each, and what a walk has seen of those that are gone. */
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedMap } from './bounded-map.js';

export interface CgroupDirectory {
  readonly directory: string;
  /** The inode number, which is the cgroup's id (kernfs, 64 bits). */
  readonly id: bigint;
  /** Steps below where the walk began. */
  readonly depth: number;
}

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
  readonly #seen: BoundedMap<bigint, string>;
  #nextWalk = Number.NEGATIVE_INFINITY;

  /**
   * @param top the directory to begin with
   * @param clock in ms
   * @param limit of directories to be remembered, also when they are gone
   */
  constructor(top: string, clock: () => number, limit: number) {
    this.#top = top;
    this.#clock = clock;
    this.#seen = new BoundedMap(limit);
  }

  /** What a walk has seen, which may be gone. */
  seen(id: bigint): string | undefined {
    return this.#seen.get(id);
  }

  /** Whether it is time for another walk. */
  get isDue(): boolean {
    return this.#clock() >= this.#nextWalk;
  }

  /** Walks, whether it is time or not. A directory that comes or goes meanwhile may be missing. */
  walk(): CgroupDirectory[] {
    const start = this.#clock();
    const found = Array.from(directoriesFrom(this.#top));
    for (const { id, directory } of found) this.#seen.set(id, directory);
    const end = this.#clock();
    this.#nextWalk = end + Math.max(INTERVAL_MS, INTERVAL_IN_WALKS * (end - start));
    return found;
  }
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
  const waiting = [{ directory: top, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { directory, depth } = next;
    const stats = statDirectory(directory);
    if (!stats) continue;
    yield { directory, id: stats.ino, depth };
    if (stats.nlink <= LINKS_OF_LEAF) continue;
    for (const name of foldersIn(directory)) {
      waiting.push({ directory: join(directory, name), depth: depth + 1 });
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
