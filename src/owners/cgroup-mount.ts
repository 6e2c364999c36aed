/** Where cgroup2 is: /sys/fs/cgroup as a rule, /sys/fs/cgroup/unified beside version 1, elsewhere in containers. */
import { accessSync, constants, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';

export interface CgroupMount {
  /** The directory that it is mounted on. */
  readonly point: string;
  /** The path, below the root of all cgroups, of what is mounted: '' where it is that root. */
  readonly base: string;
  /** How deep that is: 0 at the root. Undefined in a cgroup namespace, which does not tell. */
  readonly level: number | undefined;
}

/** Why not all that is on this machine is known. */
export const PART_OF_CGROUPS =
  'only part of cgroup2 is mounted here; run the container with --cgroupns=host';

/** Whether all that is on this machine is in there. */
export function isWhole({ level }: CgroupMount): boolean {
  return level === 0;
}

/** Where it is for the machine itself; elsewhere it is mounted for others, as for a container. */
const USUAL = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
/** linux/magic.h */
const CGROUP2_SUPER_MAGIC = 0x63677270;
/** The root is the first node that its hierarchy makes (kernfs_create_root). */
const ROOT_INODE = 1n;
/** linux/proc_ns.h: PROC_CGROUP_INIT_INO */
const INITIAL_NAMESPACE = 'cgroup:[4026531835]';

interface MountLine {
  readonly point: string;
  /** What of the file system is mounted, as seen from this cgroup namespace. */
  readonly root: string;
}

/** The mount of cgroup2 that shows the most; undefined where there is none. */
export function findCgroupMount(): CgroupMount | undefined {
  try {
    const mount = cgroupMountsIn(readFileSync('/proc/self/mountinfo', 'utf8')).find(isVisible);
    return mount && placed(mount);
  } catch {
    return undefined; // no /proc
  }
}

/**
 * Mounts of cgroup2: those of whole hierarchies first, of these the usual ones, else the latest first, since it
 * covers earlier ones.
 *
 * @param mountinfo what is in /proc/self/mountinfo (proc_pid_mountinfo(5))
 */
export function cgroupMountsIn(mountinfo: string): MountLine[] {
  const mounts = mountinfo
    .split('\n')
    .filter((line) => / - cgroup2 /.test(line))
    .map((line) => line.split(' '))
    .map(([, , , root = '', point = '']) => ({ root: unescaped(root), point: unescaped(point) }))
    .reverse();
  const rank = ({ root, point }: MountLine) => {
    if (root !== '/') return 2;
    return USUAL.includes(point) ? 0 : 1;
  };
  return mounts.sort((a, b) => rank(a) - rank(b));
}

/** The path below the root of all cgroups; undefined where `directory` is not below the mount. */
export function pathIn({ point, base }: CgroupMount, directory: string): string | undefined {
  if (directory === point) return base || '/';
  return directory.startsWith(`${point}/`) ? base + directory.slice(point.length) : undefined;
}

/** Something else may be mounted over it. */
function isVisible({ point }: MountLine): boolean {
  try {
    accessSync(point, constants.R_OK | constants.X_OK);
    return statfsSync(point).type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}

function placed({ point, root }: MountLine): CgroupMount {
  if (statSync(point, { bigint: true }).ino === ROOT_INODE) return { point, base: '', level: 0 };
  const isInitial = readlinkSync('/proc/self/ns/cgroup') === INITIAL_NAMESPACE;
  // Another namespace shows paths from a root of its own: /, or as far above it as /../..
  if (!isInitial) return { point, base: '', level: undefined };
  return { point, base: root, level: root.split('/').length - 1 };
}

/** A space, tab, newline, backslash or # is three octal digits there. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
