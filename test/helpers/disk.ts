/**
 * A disk that a test can fill up: a tmpfs in a mount namespace of its own, where nobody else is. Like the
 * lab's networks it lives as long as its holder, a `cat` that reads from a pipe of ours, so nothing is ever left.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { end } from '../../lab/child.js';

const PLACE = tmpdir();
const PAGE = 4096;

export class Disk {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** @param bytes how much fits, in pages of 4 kB */
  static async create(bytes: number): Promise<Disk> {
    const mounted = 'mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && exec cat';
    const argv = ['--mount', 'bash', '-c', mounted, 'bash', String(bytes), PLACE];
    const holder = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    const ended = once(holder, 'exit').then(() =>
      Promise.reject(new Error('cannot mount a tmpfs')),
    );
    await Promise.race([once(holder.stdout, 'data'), ended]);
    ended.catch(() => {});
    return new Disk(holder);
  }

  /** Where a file of that name is, for every process outside as well. */
  path(name: string): string {
    return `/proc/${this.#holder.pid}/root${PLACE}/${name}`;
  }

  /** Takes all room but so many bytes. */
  fill({ but }: { but: number }): void {
    const room = openSync(this.path('room'), 'w');
    writeSync(room, Buffer.alloc(but));
    closeSync(room);
    const filler = openSync(this.path('filler'), 'w');
    try {
      for (;;) writeSync(filler, Buffer.alloc(PAGE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(filler);
    }
    rmSync(this.path('room'));
  }

  /** Gives back what fill() took. */
  free(): void {
    rmSync(this.path('filler'));
  }

  /** From now on all paths are on a disk that is read-only and empty; open files stay what they are. */
  coverReadOnly(): void {
    const enter = [`--mount=/proc/${this.#holder.pid}/ns/mnt`];
    execFileSync('nsenter', [...enter, 'mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', PLACE]);
  }

  async close(): Promise<void> {
    await end(this.#holder);
  }
}
