/**
 * Small files of root's, read at once. What somebody else could have put there is not read: a link is followed only out
 * of a directory that nobody but root can write to, and so is what is read in one.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Never waits, as for who writes to a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const WRITABLE_BY_OTHERS = 0o022;
const MOST_LINKS = 8;
const ROOT_UID = 0;
/** Within one tick of the kernel's clock a file may change twice, and its time once. */
const SETTLED_MS = 100;

export interface HostFilesOptions {
  /** What / is; for tests, a folder of their own. */
  readonly root?: string;
  /** Whose files are believed: root's. */
  readonly uid?: number;
}

/** What changes when a file or directory does. */
export interface Version {
  readonly text: string;
  /** Whether a further change shows. */
  readonly isSettled: boolean;
}

export class HostFiles {
  readonly #root: string;
  readonly #uid: number;

  constructor({ root = '/', uid = ROOT_UID }: HostFilesOptions = {}) {
    this.#root = resolve(root);
    this.#uid = uid;
  }

  /**
   * What is in the file, in UTF-8. Undefined where there is none, it cannot be read, it has more bytes than that, or
   * it may be somebody else's.
   */
  text(path: string, mostBytes: number): string | undefined {
    return attempt(() => {
      const place = this.#placeOf(path);
      if (place === undefined || !this.#isOwn(lstatSync(dirname(place)))) return undefined;
      const fd = openSync(place, FLAGS);
      try {
        return this.#textIn(fd, mostBytes);
      } finally {
        closeSync(fd);
      }
    });
  }

  /** What is in the directory, as many names as that at most; none where there is none that is root's alone. */
  namesIn(path: string, most: number): string[] {
    const found = attempt(() => {
      const place = this.#placeOf(path);
      return place !== undefined && this.#isOwn(lstatSync(place)) ? listed(place, most) : [];
    });
    return found ?? [];
  }

  /** Undefined where there is none. */
  versionOf(path: string): Version | undefined {
    return attempt(() => {
      const place = this.#placeOf(path);
      if (place === undefined) return undefined;
      const { ino, size, mtimeNs, mtimeMs } = lstatSync(place, { bigint: true });
      const isSettled = Date.now() - Number(mtimeMs) > SETTLED_MS;
      return { text: `${ino} ${size} ${mtimeNs}`, isSettled };
    });
  }

  #textIn(fd: number, mostBytes: number): string | undefined {
    const stats = fstatSync(fd);
    if (!stats.isFile() || !this.#isOwn(stats) || stats.size > mostBytes) return undefined;
    const bytes = Buffer.alloc(stats.size);
    let size = 0;
    for (let read = -1; read !== 0 && size < bytes.length; size += read) {
      read = readSync(fd, bytes, size, bytes.length - size, null);
    }
    const text = bytes.toString('utf8', 0, size);
    bytes.fill(0); // it may have secrets in it
    return text;
  }

  #isOwn({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): boolean {
    return uid === this.#uid && (mode & WRITABLE_BY_OTHERS) === 0;
  }

  /** Where the path leads, without links; undefined where others may have made one. Throws what lstatSync throws. */
  #placeOf(path: string): string | undefined {
    const left = partsIn(path);
    let at = this.#root;
    let links = 0;
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const next = name === '..' ? this.#parentOf(at) : join(at, name);
      if (!lstatSync(next).isSymbolicLink()) {
        at = next;
        continue;
      }
      if (++links > MOST_LINKS || !this.#isOwn(lstatSync(at))) return undefined;
      const target = readlinkSync(next);
      if (isAbsolute(target)) at = this.#root;
      left.unshift(...partsIn(target));
    }
    return at;
  }

  #parentOf(directory: string): string {
    return directory === this.#root ? directory : dirname(directory);
  }
}

function partsIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function listed(directory: string, most: number): string[] {
  const names: string[] = [];
  const entries = opendirSync(directory);
  try {
    for (let entry = entries.readSync(); entry && names.length < most; entry = entries.readSync()) {
      names.push(entry.name);
    }
  } finally {
    entries.closeSync();
  }
  return names;
}

/** Files come and go, and most are not there: none is worth a word. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
