/**
 * Where lines go. Never blocks who writes: what a slow reader cannot take waits
 * in a bounded buffer, and what does not fit there is dropped and counted.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { messageOf, UsageError } from '../faults.js';
import { FileOutput } from './file-output.js';
import { type Output, STDOUT } from './output.js';
import { PipeOutput } from './pipe-output.js';

const MAX_BUFFERED = 16 << 20;
/** Who can wait, does from here on. */
const ENOUGH_BUFFERED = MAX_BUFFERED / 4;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
/** How long the end waits for a reader that does not read. */
const CLOSE_TIMEOUT_MS = 2000;

/** What may befall the output; the measurement decides what follows. */
export interface SinkEvents {
  /** The reader has gone: nobody will see any more. */
  onBrokenPipe(): void;
  /** A write failed; the lines may still be written later. */
  onError(message: string): void;
}

/** What has been queued in an output and not been written yet. */
interface Open {
  readonly output: Output;
  bytes: number;
  lines: number;
  /** The last write did, and only another one would try again. */
  hasFailed: boolean;
  closed: Promise<void> | undefined;
}

export class Sink {
  #open: Open;
  /** Outputs that were replaced, until all they have is written. */
  readonly #retired = new Set<Open>();
  readonly #events: SinkEvents;
  #bufferedBytes = 0;
  #dropped = 0;
  #closed = false;
  #isClosing = false;
  #failure: string | undefined;
  /** Called when nothing is buffered any more, or will not be. */
  #onSettled: () => void = () => {};
  /** Called when there is room again, or never will be. */
  #onRoom: () => void = () => {};

  /** @param fd an open descriptor, now the sink's; standard output stays open */
  constructor(fd: number, events: SinkEvents) {
    this.#events = events;
    this.#open = this.#opened(fd);
  }

  /** Lines that did not reach the output, and will not; of a chunk cut short, all. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why lines are missing, where it was for a failed write. */
  get failure(): string | undefined {
    return this.#dropped > 0 ? this.#failure : undefined;
  }

  /** Queues `bytes`, which hold `lines` whole lines; once they are written, `onWritten` is called. */
  write(bytes: Buffer, lines: number, onWritten: () => void = () => {}): void {
    if (this.#closed || this.#bufferedBytes + bytes.length > MAX_BUFFERED) {
      this.#dropped += lines;
      return;
    }
    const open = this.#open;
    this.#bufferedBytes += bytes.length;
    open.bytes += bytes.length;
    open.lines += lines;
    open.hasFailed = false;
    open.output.write(bytes, () => {
      this.#bufferedBytes -= bytes.length;
      open.bytes -= bytes.length;
      open.lines -= lines;
      onWritten();
      if (this.#hasRoom) this.#onRoom();
      if (open.bytes === 0 && this.#retired.has(open)) void this.#close(open);
      if (this.#bufferedBytes === 0) this.#onSettled();
    });
  }

  /**
   * Later lines go to `fd`, which is now the sink's; what was queued before still goes where it
   * was to, which is then closed. If that fails it is lost, and counted.
   */
  reopen(fd: number): void {
    if (this.#isClosing) {
      closeSync(fd);
      return;
    }
    const before = this.#open;
    this.#open = this.#opened(fd);
    this.#retired.add(before);
    if (before.bytes === 0 || before.hasFailed) void this.#close(before);
  }

  /** For who can wait: undefined, or a promise that resolves when there is room, a write has failed, or at the signal. */
  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#closed || this.#hasRoom || signal.aborted) return undefined;
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#onRoom = go;
      signal.addEventListener('abort', go);
    });
  }

  get #hasRoom(): boolean {
    return this.#bufferedBytes < ENOUGH_BUFFERED;
  }

  /** Writes what is buffered, for as long as the reader takes it; then closes. */
  async close(): Promise<void> {
    if (this.#bufferedBytes > 0 && !this.#closed) await this.#settled();
    this.#closed = true;
    this.#isClosing = true;
    await Promise.all([...this.#retired, this.#open].map((open) => this.#close(open)));
  }

  #opened(fd: number): Open {
    const onError = (error: NodeJS.ErrnoException) => this.#fail(open, error);
    const output = PipeOutput.fits(fd) ? new PipeOutput(fd, onError) : new FileOutput(fd, onError);
    const open: Open = { output, bytes: 0, lines: 0, hasFailed: false, closed: undefined };
    return open;
  }

  /** What is still queued there is lost, and counted. */
  #close(open: Open): Promise<void> {
    open.closed ??= this.#giveUp(open);
    return open.closed;
  }

  async #giveUp(open: Open): Promise<void> {
    await open.output.close();
    this.#retired.delete(open);
    this.#dropped += open.lines;
    this.#bufferedBytes -= open.bytes;
    open.lines = 0;
    open.bytes = 0;
    if (this.#hasRoom) this.#onRoom();
    if (this.#bufferedBytes === 0) this.#onSettled();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      this.#onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #fail(open: Open, error: NodeJS.ErrnoException): void {
    const isRetired = this.#retired.has(open);
    open.hasFailed = true;
    if (error.code === 'EPIPE' && !this.#closed && !isRetired) {
      this.#closed = true;
      this.#events.onBrokenPipe();
    } else if (error.code !== 'EPIPE' || isRetired) {
      this.#failure = `cannot write the output: ${error.message}`;
      this.#events.onError(this.#failure);
    }
    this.#onRoom();
    // The end waits for the one in use, whatever befalls the others.
    if (isRetired) void this.#close(open);
    else this.#onSettled();
  }
}

/** Opens `path` to append to, or standard output. Throws a UsageError where that cannot be. */
export function openOutput(path: string | undefined): number {
  return path === undefined ? STDOUT : open(path, APPEND);
}

/** The same, but not to wait for a FIFO's reader: a run goes on meanwhile. */
export function reopenOutput(path: string): number {
  return open(path, APPEND | constants.O_NONBLOCK);
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw new UsageError(`cannot write to ${path}: ${messageOf(error)}`);
  }
}
