/**
 * Where lines go. Never blocks who writes: what a slow reader cannot take waits
 * in a bounded buffer, and what does not fit there is dropped and counted.
 */
import { closeSync, openSync } from 'node:fs';
import sonicBoom from 'sonic-boom';
import { messageOf, UsageError } from '../faults.js';

const { SonicBoom } = sonicBoom;

const MAX_BUFFERED = 16 << 20;
const MAX_WRITE = 256 << 10;
/** How long the end waits for a reader that does not read. */
const CLOSE_TIMEOUT_MS = 2000;
const STDOUT = 1;

/** What may befall the output; the measurement decides what follows. */
export interface SinkEvents {
  /** The reader has gone: nobody will see any more. */
  onBrokenPipe(): void;
  /** A write failed; the lines may still be written later. */
  onError(message: string): void;
}

export class Sink {
  readonly #out: InstanceType<typeof SonicBoom>;
  readonly #fd: number;
  #buffered: { bytes: number; lines: number }[] = [];
  #refused = false;
  #broken = false;
  #dropped = 0;

  /** @param fd an open descriptor; closed by close() unless it is standard output */
  constructor(fd: number, events: SinkEvents) {
    this.#fd = fd;
    this.#out = new SonicBoom({
      fd,
      contentMode: 'buffer',
      maxLength: MAX_BUFFERED,
      maxWrite: MAX_WRITE,
      sync: false,
    });
    this.#out.on('drop', () => {
      this.#refused = true;
    });
    this.#out.on('write', (written: number) => this.#release(written));
    this.#out.on('error', (error: NodeJS.ErrnoException) => this.#fail(error, events));
  }

  /** Lines that did not reach the output, and will not. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Queues `bytes`, which hold `lines` whole lines. */
  write(bytes: Buffer, lines: number): void {
    if (this.#broken) {
      this.#dropped += lines;
      return;
    }
    this.#refused = false;
    this.#buffered.push({ bytes: bytes.length, lines });
    // SonicBoom takes buffers in this mode; its types know strings only.
    this.#out.write(bytes as unknown as string);
    if (this.#refused) {
      this.#buffered.pop();
      this.#dropped += lines;
    }
  }

  /** Writes what is buffered, for as long as the reader takes it; then closes. */
  async close(): Promise<void> {
    if (!this.#broken) await this.#flush();
    for (const { lines } of this.#buffered.splice(0)) this.#dropped += lines;
    this.#broken = true;
    if (this.#fd !== STDOUT) closeSync(this.#fd);
  }

  #flush(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#out.once('error', done);
      this.#out.flush(done);
    });
  }

  /** Forgets what has been written, oldest first. */
  #release(written: number): void {
    let left = written;
    for (let first = this.#buffered[0]; first && left > 0; first = this.#buffered[0]) {
      const taken = Math.min(left, first.bytes);
      first.bytes -= taken;
      left -= taken;
      if (first.bytes === 0) this.#buffered.shift();
    }
  }

  #fail(error: NodeJS.ErrnoException, events: SinkEvents): void {
    if (error.code !== 'EPIPE') {
      events.onError(`cannot write the output: ${error.message}`);
      return;
    }
    if (this.#broken) return;
    this.#broken = true;
    events.onBrokenPipe();
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
