import { once } from 'node:events';
import fs from 'node:fs';
import sonicBoom from 'sonic-boom';
import type { OnWriteError, Output } from './output.js';

const { SonicBoom } = sonicBoom;
/** What waits is written at once: a loaded machine may let a process write only a few times a second. */
const MAX_WRITE = 4 << 20;
/** How long closing waits for a write under way. */
const LAST_WRITE_MS = 1000;
/** What fsync() says of a file system that has none. */
const NO_FSYNC = ['EINVAL', 'EROFS', 'ENOTSUP'];
const NEWLINE = 0x0a;

interface Queued {
  readonly bytes: Buffer;
  left: number;
  readonly onWritten: () => void;
}

/** Files: written on other threads; short writes and EAGAIN are SonicBoom's. */
export class FileOutput implements Output {
  readonly fd: number;
  readonly #stream: InstanceType<typeof SonicBoom>;
  readonly #queue: Queued[] = [];
  readonly #onError: OnWriteError;
  readonly #isRegular: boolean;
  #hasFailed = false;
  #isClosed = false;

  /** Owns `fd`; standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.fd = fd;
    this.#onError = onError;
    this.#isRegular = fs.fstatSync(fd).isFile();
    this.#stream = new SonicBoom({ fd, contentMode: 'buffer', maxWrite: MAX_WRITE, sync: false });
    this.#stream.on('write', (written: number) => this.#release(written));
    this.#stream.on('error', (error) => this.#fail(error));
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#queue.push({ bytes, left: bytes.length, onWritten });
    this.#hasFailed = false;
    // SonicBoom takes buffers in this mode; its types know strings only.
    this.#stream.write(bytes as unknown as string);
  }

  /** What a short write has left goes first. */
  retry(): void {
    this.#hasFailed = false;
    this.#stream.flush();
  }

  async close(): Promise<number> {
    if (this.#queue.length > 0 && !this.#hasFailed) await this.#lastWrite();
    if (this.#queue.length === 0 && this.#isRegular) await this.#sync();
    // Where closing fails it says so by an error, which has its listener, and no more.
    const closed = once(this.#stream, 'close').catch(() => {});
    this.#stream.destroy();
    await closed;
    this.#isClosed = true;
    const [cut] = this.#queue;
    return cut ? linesIn(cut.bytes.subarray(0, -cut.left)) : 0;
  }

  /** Resolves when the write under way has ended, and no other begins; or when that takes too long. */
  #lastWrite(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        if (this.#queue.length > 0) this.#stream.destroy();
        resolve();
      };
      const timer = setTimeout(end, LAST_WRITE_MS);
      this.#stream.once('write', end);
      this.#stream.once('error', end);
    });
  }

  /** The disk may refuse what was written long ago, as one behind a network does. */
  #sync(): Promise<void> {
    return new Promise((resolve) => {
      fs.fsync(this.fd, (error) => {
        if (error && !NO_FSYNC.includes(error.code ?? '')) this.#fail(error);
        resolve();
      });
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isClosed) return;
    this.#hasFailed = true;
    this.#onError(error);
  }

  /** Oldest first. */
  #release(written: number): void {
    if (this.#isClosed) return;
    let left = written;
    for (let first = this.#queue[0]; first && left > 0; first = this.#queue[0]) {
      const taken = Math.min(left, first.left);
      first.left -= taken;
      left -= taken;
      if (first.left > 0) return;
      this.#queue.shift();
      first.onWritten();
    }
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
