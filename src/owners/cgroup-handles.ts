/** The kernel's own way from a cgroup's id to its directory: open_by_handle_at(2). */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { errno, libc } from '../libbpf/ffi.js';
import { statDirectory } from './cgroup-tree.js';

/** linux/exportfs.h: a handle that is a kernfs id (fs/kernfs/mount.c, kernfs_fh_to_dentry; Linux 5.5). */
const FILEID_KERNFS = 0xfe;
/** struct file_handle, in the machine's byte order: the size of the id, the handle's type, the id. */
const HANDLE_WORDS = 4;
const ID_BYTES = 8;

/** asm-generic/fcntl.h. Nothing is read: kernfs need not open anything. */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const FLAGS = O_PATH | O_CLOEXEC | constants.O_DIRECTORY;

/** The kernel does not do this for us; not: there is no such cgroup, or no file descriptor left. */
const REFUSALS = new Set([1 /* EPERM */, 13 /* EACCES */, 38 /* ENOSYS */, 95 /* EOPNOTSUPP */]);

const DELETED = ' (deleted)';

export class CgroupHandles {
  #mountFd: number;
  #isRefused = false;

  /** @param point where cgroup2 is mounted. Throws what openSync throws. */
  constructor(point: string) {
    this.#mountFd = openSync(point, constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** It takes CAP_DAC_READ_SEARCH, and no seccomp filter in its way: once refused, it stays so. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** The directory; undefined where there is none with that id (any more), its path is too long, or this is refused. */
  directoryOf(id: bigint): string | undefined {
    if (this.#isRefused) return undefined;
    const fd = libc.open_by_handle_at(this.#mountFd, handleOf(id), FLAGS);
    if (fd < 0) {
      this.#isRefused = REFUSALS.has(errno());
      return undefined;
    }
    try {
      return named(readlinkSync(`/proc/self/fd/${fd}`), id);
    } catch {
      return undefined; // any user can make a path that is longer than the kernel tells
    } finally {
      closeSync(fd);
    }
  }

  /** Nothing is found any more. */
  close(): void {
    if (this.#mountFd >= 0) closeSync(this.#mountFd);
    this.#mountFd = -1;
  }
}

function handleOf(id: bigint): Buffer {
  const words = new Uint32Array(HANDLE_WORDS);
  words.set([ID_BYTES, FILEID_KERNFS]);
  const handle = Buffer.from(words.buffer);
  new BigUint64Array(words.buffer)[1] = id;
  return handle;
}

/** One that was deleted while it was opened has its name still, and that mark; which may be a name, too. */
function named(link: string, id: bigint): string {
  if (!link.endsWith(DELETED) || statDirectory(link)?.ino === id) return link;
  return link.slice(0, -DELETED.length);
}
