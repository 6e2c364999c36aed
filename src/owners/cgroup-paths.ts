/** From a cgroup's id, as the BPF programs have it, to its path, and back. */
import { posix } from 'node:path';
import { Fault } from '../faults.js';
import { BoundedMap } from './bounded-map.js';
import { CgroupHandles } from './cgroup-handles.js';
import { type CgroupMount, findCgroupMount, pathIn } from './cgroup-mount.js';
import { type CgroupNames, namesOf } from './cgroup-names.js';
import { isBelieved, partsOf } from './cgroup-parts.js';
import {
  type CgroupDirectory,
  CgroupTree,
  delegatedBetween,
  statDirectory,
} from './cgroup-tree.js';

export interface Cgroup {
  /** Below the root of cgroup2, as /system.slice/nginx.service; the root is /. */
  readonly path: string;
  /** bpf_skb_cgroup_id's, and the inode number of its directory. */
  readonly id: bigint;
  /** How deep it is, 0 for the root: what bpf_skb_ancestor_cgroup_id is asked with. */
  readonly level: number;
}

export interface CgroupPathsOptions {
  /** In ms, of any beginning; goes forward only. */
  readonly clock?: () => number;
  /** Names that are kept; of a walk as many again. A name takes some 250 bytes. */
  readonly limit?: number;
  /** What is told of a path. */
  readonly toldOf?: (path: string) => string;
}

const MAX_NAMES = 32_768;

/** How long an id that is not there is not asked for again, in ms. */
const RETRY_MS = 1_000;
const MAX_UNKNOWN = 4_096;

/** bpf_skb_cgroup_id has no answer. */
const NO_CGROUP = 0n;

/** Bounds the memory: any user can make longer ones. Kubernetes in a container has some 300 characters. */
const LONGEST_PATH = 512;

/** What an id is kept with. */
interface Known {
  readonly path: string;
  readonly names: CgroupNames;
}

/** One mount of cgroup2, and the two ways to find a directory in it. */
interface Hierarchy {
  readonly mount: CgroupMount;
  readonly handles: CgroupHandles;
  readonly tree: CgroupTree;
}

export class CgroupPaths {
  readonly #clock: () => number;
  readonly #toldOf: (path: string) => string;
  readonly #known: BoundedMap<bigint, Known>;
  /** What walks have seen, which may be gone. */
  readonly #seen: BoundedMap<bigint, Known>;
  /** When to ask again. */
  readonly #unknown = new BoundedMap<bigint, number>(MAX_UNKNOWN);
  readonly #hierarchy: Hierarchy | undefined;

  /** Looks for cgroup2 once: where it is not mounted, nothing is known. */
  constructor(options: CgroupPathsOptions = {}) {
    const { clock = () => performance.now(), limit = MAX_NAMES, toldOf = (path) => path } = options;
    this.#clock = clock;
    this.#toldOf = toldOf;
    this.#known = new BoundedMap(limit);
    this.#seen = new BoundedMap(limit);
    const mount = findCgroupMount();
    if (!mount) return;
    const handles = new CgroupHandles(mount.point);
    this.#hierarchy = { mount, handles, tree: new CgroupTree(mount.point, clock) };
  }

  /** Whether cgroup2 is there to be looked at. */
  get isMounted(): boolean {
    return this.#hierarchy !== undefined;
  }

  /** What of it is mounted; undefined where it is not. */
  get mount(): CgroupMount | undefined {
    return this.#hierarchy?.mount;
  }

  /**
   * The path below the root, and what it says: one object for all that ask. Undefined for what was gone before it was
   * asked for, is not below the mount, or cannot be read; and for what was not looked for, since the last walk was too
   * short a time ago: ask again.
   */
  namesOf(id: bigint): CgroupNames | undefined {
    return this.#of(id)?.names;
  }

  /** The path alone: whole, up to 512 characters; else as namesOf() tells it. */
  pathOf(id: bigint): string | undefined {
    return this.#of(id)?.path;
  }

  /**
   * The cgroup of that path: below the root, as pathOf gives it, or its directory. Undefined where there is
   * none. Throws a Fault where levels cannot be known: in a cgroup namespace.
   */
  idOf(path: string): Cgroup | undefined {
    if (!this.#hierarchy) return undefined;
    const { mount } = this.#hierarchy;
    const top = levelOf(mount);
    const directory = directoryAt(mount, path);
    const stats = directory === undefined ? undefined : statDirectory(directory);
    if (directory === undefined || !stats) return undefined;
    const level = top + namesIn(directory) - namesIn(mount.point);
    return { path: pathIn(mount, directory) ?? '/', id: stats.ino, level };
  }

  /**
   * The outermost cgroup of each container whose id begins with `prefix`. Walks through all cgroups each
   * time. Throws a Fault where levels cannot be known.
   *
   * @param prefix lower-case digits, or of LXC and systemd-nspawn the beginning of a name
   */
  containers(prefix: string): Cgroup[] {
    if (!this.#hierarchy) return [];
    const { mount } = this.#hierarchy;
    const top = levelOf(mount);
    return this.#walk(this.#hierarchy)
      .map((found) => ({ ...placeOf(mount, found), id: found.id, level: top + found.depth }))
      .filter(({ path, believed }) => isContainer(path, believed, prefix))
      .map(({ path, id, level }) => ({ path, id, level }));
  }

  /** Nothing is found by its id any more. */
  close(): void {
    this.#hierarchy?.handles.close();
  }

  #of(id: bigint): Known | undefined {
    if (id === NO_CGROUP || !this.#hierarchy) return undefined;
    return this.#known.get(id) ?? this.#find(this.#hierarchy, id);
  }

  #find(hierarchy: Hierarchy, id: bigint): Known | undefined {
    if (this.#isUnknown(id)) return undefined;
    const { mount, handles, tree } = hierarchy;
    const directory = handles.directoryOf(id);
    let known = directory === undefined ? this.#seen.get(id) : this.#at(mount, directory);
    if (known === undefined && handles.isRefused) {
      if (!tree.isDue) return undefined;
      this.#walk(hierarchy);
      known = this.#seen.get(id);
    }
    if (known === undefined) this.#unknown.set(id, this.#clock() + RETRY_MS);
    else this.#known.set(id, known);
    return known;
  }

  #walk({ mount, tree }: Hierarchy): CgroupDirectory[] {
    const found = tree.walk();
    for (const each of found) {
      if (this.#seen.get(each.id)) continue;
      this.#seen.set(each.id, this.#knownOf(placeOf(mount, each)));
    }
    return found;
  }

  /** Undefined where that is not below the mount. */
  #at(mount: CgroupMount, directory: string): Known | undefined {
    if (pathIn(mount, directory) === undefined) return undefined;
    const delegatedAt = delegatedBetween(mount.point, directory);
    return this.#knownOf(placeOf(mount, { directory, delegatedAt }));
  }

  /** Most paths are short enough to be told: these are kept once. */
  #knownOf({ path, believed }: Place): Known {
    const names = namesOf(this.#toldOf(path), believed);
    const { cgroup = path } = names;
    return { path: cgroup !== path && path.length <= LONGEST_PATH ? path : cgroup, names };
  }

  #isUnknown(id: bigint): boolean {
    const until = this.#unknown.get(id);
    return until !== undefined && this.#clock() < until;
  }
}

/** The level that the mount begins at. */
function levelOf({ level }: CgroupMount): number {
  if (level !== undefined) return level;
  throw new Fault(
    'the depth of a cgroup is unknown inside a cgroup namespace; run the container with --cgroupns=host',
  );
}

/** The directory that a path means; undefined where that is not below the mount. */
function directoryAt(mount: CgroupMount, path: string): string | undefined {
  const absolute = posix.resolve('/', path);
  if (pathIn(mount, absolute) !== undefined) return absolute;
  if (absolute === (mount.base || '/')) return mount.point;
  if (!absolute.startsWith(`${mount.base}/`)) return undefined;
  return mount.point + absolute.slice(mount.base.length);
}

function namesIn(directory: string): number {
  return directory.split('/').filter((name) => name !== '').length;
}

interface Place {
  readonly path: string;
  /** How many of its names root has given. */
  readonly believed: number;
}

function placeOf(
  mount: CgroupMount,
  { directory, delegatedAt }: Pick<CgroupDirectory, 'directory' | 'delegatedAt'>,
): Place {
  const believed =
    delegatedAt === undefined ? Number.POSITIVE_INFINITY : namesIn(mount.base) + delegatedAt;
  return { path: pathIn(mount, directory) ?? '/', believed };
}

/**
 * Also of what is below it, the path tells the container: the outermost is the one that its parent is not of. What
 * other users call a container is none.
 */
function isContainer(path: string, believed: number, prefix: string): boolean {
  const { container } = partsOf(path, believed);
  if (!container?.startsWith(prefix) || !isBelieved(path, believed)) return false;
  return partsOf(posix.dirname(path), believed).container !== container;
}
