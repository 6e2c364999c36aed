/**
 * Lines to whatever has a descriptor: files, pipes, sockets, terminals. What a slow reader cannot take waits
 * in a bounded buffer, and what does not fit there is dropped and counted.
 */

import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFault } from '../faults.js';
import { Channel } from './channel.js';
import type { Sink, SinkEvents } from './sink.js';
import { Waiting } from './waiting.js';

/** In the output in use; and once more in all that it has replaced. */
const MAX_BUFFERED = 16 << 20;
/** Each holds a descriptor. */
const MAX_REPLACED = 64;
/** Who can wait, does from here on. */
const ENOUGH_BUFFERED = MAX_BUFFERED / 4;
/** How long the end waits for a reader that does not read, in steps: of these a machine that stalls takes one. */
const [CLOSE_STEPS, CLOSE_STEP_MS] = [10, 200];
/** Of a socket with something left in it, the other end resets the connection. */
const READER_GONE = ['EPIPE', 'ECONNRESET'];

export class FileSink implements Sink {
  #current: Channel;
  /** Those with something left to write; the oldest first. */
  readonly #replaced = new Set<Channel>();
  readonly #events: SinkEvents;
  readonly #name: string;
  #heading: Buffer | undefined;
  #dropped = 0;
  #closed = false;
  #isFailing = false;
  #isRemoved = false;
  #failure: string | undefined;
  readonly #waiting = new Waiting();

  /**
   * @param fd an open descriptor, now the sink's; standard output stays open
   * @param name of the output, as the user gave it
   */
  constructor(fd: number, events: SinkEvents, name = 'standard output') {
    this.#events = events;
    this.#name = name;
    this.#current = this.#channel(fd);
  }

  /** Lines that did not reach the output, and will not; of what a pipe took in part, all. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Those, and what still waits: at most what would be missing if the process ended now. */
  get unwritten(): number {
    return this.#channels.reduce((lines, channel) => lines + channel.lines, this.#dropped);
  }

  /** Why lines are missing, where it was for a failed write; or may be, where closing has failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * What each output begins with, this one and those after reopen(): all but files that had something in
   * them. To be called before any write().
   */
  begin(heading: Buffer): void {
    this.#heading = heading;
    this.#current.begin(heading);
  }

  /** Queues `bytes`, which hold `lines` whole lines; once they are written, `onWritten` is called. */
  write(bytes: Buffer, lines: number, onWritten: () => void = () => {}): void {
    if (!this.#closed && this.#current.bytes + bytes.length <= MAX_BUFFERED) {
      this.#current.write(bytes, lines, onWritten);
      return;
    }
    this.#lose(this.#current, lines);
    // Nothing else would: what fills the buffer is what could not be written.
    if (!this.#closed) this.#current.retry();
  }

  /**
   * Later lines go to `fd`, which is now the sink's; what was queued before still goes where it
   * was to, which is then closed. If that fails, or there is too much of it, it is lost, and counted.
   */
  reopen(fd: number): void {
    if (this.#closed || this.#current.isOf(fd)) {
      // Two that write to one FIFO would tear each other's lines.
      closeSync(fd);
      return;
    }
    const before = this.#current;
    this.#current = this.#channel(fd);
    if (this.#heading) this.#current.begin(this.#heading);
    this.#isRemoved = false;
    this.#replaced.add(before);
    if (before.bytes === 0 || before.hasFailed) void this.#close(before);
    this.#limitReplaced();
    this.#waiting.letGo();
  }

  /** Whether the file in use is no longer at `path`: moved away, replaced or removed. */
  hasLeft(path: string): boolean {
    return !this.#closed && !this.#current.isAt(path);
  }

  /**
   * For who can wait: undefined, or a promise that resolves when there is room, a write has failed, or at the
   * signal. A write that had failed before is tried again: who waits writes nothing that would do so.
   */
  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#closed || this.#hasRoom || signal.aborted) return undefined;
    const waited = this.#waiting.wait(signal);
    this.#current.retry();
    return waited;
  }

  /** Looks after the file that is written: nobody else says that it was removed. */
  look(): void {
    const looked = this.#current;
    if (this.#isRemoved || this.#closed) return;
    looked.ifRemoved(() => {
      if (looked !== this.#current || this.#isRemoved) return;
      this.#isRemoved = true;
      this.#events.onRemoved();
    });
  }

  /** Writes what is buffered, for as long as the reader takes it; then closes. */
  async close(): Promise<void> {
    await this.#settled();
    this.#closed = true;
    await Promise.all(this.#channels.map((channel) => this.#close(channel)));
  }

  get #channels(): Channel[] {
    return [...this.#replaced, this.#current];
  }

  get #hasRoom(): boolean {
    return this.#current.bytes < ENOUGH_BUFFERED;
  }

  #channel(fd: number): Channel {
    const channel: Channel = new Channel(fd, {
      onError: (error) => this.#fail(channel, error),
      onProgress: () => this.#progress(channel),
      onLost: (lines) => this.#lose(channel, lines),
    });
    return channel;
  }

  #progress(channel: Channel): void {
    if (this.#hasRoom) this.#waiting.letGo();
    if (this.#replaced.has(channel)) this.#closeWritten(channel);
    else if (this.#isFailing && !channel.error) this.#recover();
  }

  #closeWritten(channel: Channel): void {
    if (channel.bytes === 0) void this.#close(channel);
  }

  #recover(): void {
    this.#isFailing = false;
    this.#events.onRecovery();
  }

  /** What is still queued there is lost, and counted. */
  async #close(channel: Channel): Promise<void> {
    await channel.close();
    this.#replaced.delete(channel);
  }

  /** The newest stay. */
  #limitReplaced(): void {
    let bytes = 0;
    for (const [index, channel] of [...this.#replaced].reverse().entries()) {
      bytes += channel.bytes;
      if (bytes > MAX_BUFFERED || index >= MAX_REPLACED) void this.#close(channel);
    }
  }

  async #settled(): Promise<void> {
    const over = new AbortController();
    const timeout = closeTimeout(over.signal).catch(() => {});
    // Where its reader has gone, the one in use never will be.
    const channels = this.#closed ? [...this.#replaced] : this.#channels;
    const settled = Promise.all(channels.map((channel) => channel.settled()));
    await Promise.race([settled, timeout]);
    over.abort();
  }

  #lose(channel: Channel, lines: number): void {
    this.#dropped += lines;
    const { error } = channel;
    if (error && !this.#isEnd(channel, error)) this.#failure ??= writeFault(this.#name, error);
  }

  #fail(channel: Channel, error: NodeJS.ErrnoException): void {
    const isReplaced = this.#replaced.has(channel);
    if (this.#isEnd(channel, error)) {
      if (!this.#closed) this.#events.onBrokenPipe();
      this.#closed = true;
    } else {
      this.#isFailing ||= !isReplaced;
      const failure = writeFault(this.#name, error);
      if (channel.isClosing) this.#failure ??= failure;
      this.#events.onError(failure);
    }
    this.#waiting.letGo();
    if (isReplaced) void this.#close(channel);
  }

  /** The reader has gone, and so has the reason to go on; of one that was replaced it is a failure. */
  #isEnd(channel: Channel, { code = '' }: NodeJS.ErrnoException): boolean {
    return channel === this.#current && READER_GONE.includes(code);
  }
}

async function closeTimeout(signal: AbortSignal): Promise<void> {
  for (let step = 0; step < CLOSE_STEPS; step++) await delay(CLOSE_STEP_MS, undefined, { signal });
}
