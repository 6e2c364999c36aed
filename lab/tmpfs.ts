// A small file system that can be filled up. It is seen only through its holder, a `cat` in a mount
// namespace of its own: however we end, the holder ends too, and nothing stays mounted.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Answers } from './answers.js';
import { end } from './child.js';
import { building } from './cleanup.js';

/** In the holder's namespace only. */
const MOUNT_POINT = '/tmp';
/** Where / is no mount point, as in a chroot, nothing can be made private: then what was mounted is taken off at the end. */
const APART = 'mount --make-rprivate / 2>/dev/null';
const MOUNT = `mount -t tmpfs -o size="$1" pping-lab ${MOUNT_POINT} && echo ready && cat; umount -l ${MOUNT_POINT}`;
const PAGE = 4096;
const NOTHING = Buffer.alloc(64 * PAGE);

export class Tmpfs {
  /** Its root, for every process. */
  readonly path: string;
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.path = `/proc/${holder.pid}/root${MOUNT_POINT}`;
  }

  /** @param bytes its size, in pages of 4 kB; what is beyond that gives ENOSPC */
  static create(bytes: number): Promise<Tmpfs> {
    return building(async (cleanup) => {
      const holder = spawn(
        'unshare',
        [
          '--mount',
          '--propagation',
          'unchanged',
          'sh',
          '-c',
          `${APART}; ${MOUNT}`,
          'sh',
          `${bytes}`,
        ],
        { stdio: ['pipe', 'pipe', 'inherit'], detached: true }, // out of reach of Ctrl-C
      );
      cleanup.add(() => end(holder).then(() => {}));
      await new Answers(holder, 'the holder of a tmpfs').next();
      return new Tmpfs(holder);
    });
  }

  /** Where a file of that name is. */
  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** Takes all room but so many bytes. */
  fill({ but }: { readonly but: number }): void {
    const room = openSync(this.pathOf('room'), 'w');
    writeSync(room, Buffer.alloc(but));
    closeSync(room);
    const filler = openSync(this.pathOf('filler'), 'a');
    try {
      for (;;) writeSync(filler, NOTHING);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(filler);
    }
    rmSync(this.pathOf('room'));
  }

  /** Gives back what fill() took. */
  free(): void {
    rmSync(this.pathOf('filler'), { force: true });
  }

  /** From now on all paths are on a file system that is read-only and empty; open files stay what they are. */
  coverReadOnly(): void {
    const enter = [`--mount=/proc/${this.#holder.pid}/ns/mnt`];
    execFileSync('nsenter', [...enter, 'mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', MOUNT_POINT]);
  }

  async close(): Promise<void> {
    await end(this.#holder);
  }
}
