/**
 * Where lines go. Never blocks who writes: what a slow reader cannot take waits
 * in a bounded buffer, and what does not fit there is dropped and counted.
 */
import { openSync } from 'node:fs';
import { messageOf, UsageError } from '../faults.js';
import { FileOutput } from './file-output.js';
import { type Output, STDOUT } from './output.js';
import { PipeOutput } from './pipe-output.js';

const MAX_BUFFERED = 16 << 20;
/** Who can wait, does from here on. */
const ENOUGH_BUFFERED = MAX_BUFFERED / 4;
/** How long the end waits for a reader that does not read. */
const CLOSE_TIMEOUT_MS = 2000;

/** What may befall the output; the measurement decides what follows. */
export interface SinkEvents {
  /** The reader has gone: nobody will see any more. */
  onBrokenPipe(): void;
  /** A write failed; the lines may still be written later. */
  onError(message: string): void;
}

export class Sink {
  readonly #output: Output;
  readonly #events: SinkEvents;
  #bufferedBytes = 0;
  #bufferedLines = 0;
  #dropped = 0;
  #closed = false;
  #failure: string | undefined;
  /** Called when nothing is buffered any more, or will not be. */
  #onSettled: () => void = () => {};
  /** Called when there is room again, or never will be. */
  #onRoom: () => void = () => {};

  /** @param fd an open descriptor, now the sink's; standard output stays open */
  constructor(fd: number, events: SinkEvents) {
    this.#events = events;
    const onError = (error: NodeJS.ErrnoException) => this.#fail(error);
    this.#output = PipeOutput.fits(fd) ? new PipeOutput(fd, onError) : new FileOutput(fd, onError);
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
    this.#bufferedBytes += bytes.length;
    this.#bufferedLines += lines;
    this.#output.write(bytes, () => {
      this.#bufferedBytes -= bytes.length;
      this.#bufferedLines -= lines;
      onWritten();
      if (this.#hasRoom) this.#onRoom();
      if (this.#bufferedBytes === 0) this.#onSettled();
    });
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
    await this.#output.close();
    this.#dropped += this.#bufferedLines;
    this.#bufferedLines = 0;
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

  #fail(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' && !this.#closed) {
      this.#closed = true;
      this.#events.onBrokenPipe();
    } else if (error.code !== 'EPIPE') {
      this.#failure = `cannot write the output: ${error.message}`;
      this.#events.onError(this.#failure);
    }
    this.#onRoom();
    this.#onSettled();
  }
}

/** Opens `path` to append to, or standard output. Throws a UsageError where that cannot be. */
export function openOutput(path: string | undefined): number {
  if (path === undefined) return STDOUT;
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UsageError(`cannot write to ${path}: ${messageOf(error)}`);
  }
}
