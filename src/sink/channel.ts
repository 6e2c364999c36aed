/** An output, and what has been queued in it and not been written yet. */

import { type BigIntStats, fstat, fstatSync, statSync } from 'node:fs';
import { ownPath } from '../own-path.js';
import { STDOUT } from '../stdio/descriptors.js';
import { FileOutput } from './file-output.js';
import type { Output } from './output.js';
import { PipeOutput } from './pipe-output.js';
import { endsInMidLine } from './torn.js';

/** What may befall a channel. */
export interface ChannelEvents {
  /** A write failed. */
  onError(error: NodeJS.ErrnoException): void;
  /** Some of what was queued has been written. */
  onProgress(): void;
  /** So many lines will not be written any more. */
  onLost(lines: number): void;
}

export class Channel {
  readonly #output: Output;
  readonly #events: ChannelEvents;
  /** Whether it was in a folder at first: an O_TMPFILE or a memfd never is. */
  readonly #hadName: boolean;
  /** Whether what is written comes first: to a pipe always, to a file if it had nothing in it. */
  readonly #isFresh: boolean;
  #bytes = 0;
  #lines = 0;
  #hasFailed = false;
  #error: NodeJS.ErrnoException | undefined;
  /** Of the bytes that waited when a write failed. */
  #unwritten = 0;
  #isLooking = false;
  #closed: Promise<void> | undefined;
  #onSettled: () => void = () => {};

  /** @param fd now the channel's; standard output stays open */
  constructor(fd: number, events: ChannelEvents) {
    const onError = (error: NodeJS.ErrnoException) => this.#fail(error);
    this.#events = events;
    const stat = fstatSync(fd);
    this.#hadName = stat.nlink > 0;
    this.#isFresh = !stat.isFile() || stat.size === 0;
    const isTorn = fd !== STDOUT && endsInMidLine(fd);
    this.#output = PipeOutput.fits(fd) ? new PipeOutput(fd, onError) : new FileOutput(fd, onError);
    if (isTorn) this.write(Buffer.from('\n'), 0);
  }

  /** Queued, and not written yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of those bytes; with one that is written in part. */
  get lines(): number {
    return this.#lines;
  }

  /** The last write did, and only another one would try again. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Why a write failed, until all is written that waited then. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  /** Nothing that fails from now on is tried again. */
  get isClosing(): boolean {
    return this.#closed !== undefined;
  }

  /** Queues what a file begins with, to be called before any write(). It is not counted as a line. */
  begin(heading: Buffer): void {
    if (this.#isFresh) this.write(heading, 0);
  }

  /** Queues `bytes`, which hold `lines` whole lines; once they are written, `onWritten` is called. */
  write(bytes: Buffer, lines: number, onWritten: () => void = () => {}): void {
    this.#bytes += bytes.length;
    this.#lines += lines;
    this.#hasFailed = false;
    this.#output.write(bytes, () => {
      this.#bytes -= bytes.length;
      this.#lines -= lines;
      this.#recover(bytes.length);
      onWritten();
      this.#events.onProgress();
      if (this.#bytes === 0) this.#onSettled();
    });
  }

  /** There may be room by now where a write has failed. */
  retry(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#output.retry();
  }

  /** Resolves when all is written, or a write fails (again). */
  settled(): Promise<void> {
    if (this.#bytes === 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSettled = resolve;
      this.retry();
    });
  }

  /** Gives up what is still queued. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#giveUp();
    return this.#closed;
  }

  /** Whether `fd` is of the very file that this writes to. */
  isOf(fd: number): boolean {
    try {
      return this.#isSame(fstatSync(fd, { bigint: true }));
    } catch {
      return false; // ESTALE: the server has no such file any more
    }
  }

  /** Whether the file that this writes to is still there, as far as that can be seen. */
  isAt(path: string): boolean {
    try {
      const there = ownPath(path);
      if (there.startsWith('/proc/')) return true; // a descriptor's, which moves nowhere
      const stat = statSync(there, { bigint: true, throwIfNoEntry: false });
      return stat !== undefined && this.#isSame(stat);
    } catch {
      return true;
    }
  }

  #isSame(other: BigIntStats): boolean {
    const ours = fstatSync(this.#output.fd, { bigint: true });
    return ours.dev === other.dev && ours.ino === other.ino;
  }

  /** Calls back if this is a file that is in no folder any more. On another thread, since disks may hang. */
  ifRemoved(tell: () => void): void {
    if (this.#isLooking || !this.#hadName) return;
    this.#isLooking = true;
    fstat(this.#output.fd, (error, stat) => {
      this.#isLooking = false;
      if (!error && stat.isFile() && stat.nlink === 0 && !this.#closed) tell();
    });
  }

  /** Under load something always waits, so what has come since the failure does not count. */
  #recover(written: number): void {
    this.#unwritten -= written;
    if (this.#unwritten <= 0) this.#error = undefined;
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#hasFailed = true;
    this.#error = error;
    this.#unwritten = this.#bytes;
    this.#events.onError(error);
    this.#onSettled();
  }

  async #giveUp(): Promise<void> {
    const written = await this.#output.close();
    const lost = this.#lines - written;
    this.#bytes = 0;
    this.#lines = 0;
    if (lost > 0) this.#events.onLost(lost);
  }
}
