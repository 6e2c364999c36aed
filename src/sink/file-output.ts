import fs from 'node:fs';
import { STDOUT } from '../stdio/descriptors.js';
import type { OnWriteError, Output } from './output.js';

/** What waits is written at once: a loaded machine may let a process write only a few times a second. */
const MAX_WRITE = 4 << 20;
/** As many as the kernel takes at once (IOV_MAX). */
const MOST_BUFFERS = 1_024;
/** No room at the moment: it is tried again by itself, after so long. */
const BUSY = ['EAGAIN', 'EBUSY'];
const BUSY_MS = 100;
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

/** Files: written on other threads, from where the bytes are; short writes go on. */
export class FileOutput implements Output {
  readonly fd: number;
  /** The oldest first: they stay until they are written. */
  readonly #queue: Queued[] = [];
  readonly #onError: OnWriteError;
  readonly #isRegular: boolean;
  #isWriting = false;
  #busy: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #isClosing = false;
  #isClosed = false;
  /** The write under way has ended. */
  #onTurn: () => void = () => {};

  /** Owns `fd`; standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.fd = fd;
    this.#onError = onError;
    this.#isRegular = fs.fstatSync(fd).isFile();
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#queue.push({ bytes, left: bytes.length, onWritten });
    this.retry();
  }

  /** What a short write has left goes first. */
  retry(): void {
    this.#hasFailed = false;
    if (!this.#isWriting && !this.#isClosing && this.#queue.length > 0) this.#writeSome();
  }

  async close(): Promise<number> {
    this.#isClosing = true;
    if (this.#queue.length > 0 && !this.#hasFailed) await this.#lastWrite();
    clearTimeout(this.#busy);
    if (this.#queue.length === 0 && this.#isRegular) await this.#sync();
    if (this.fd !== STDOUT) await this.#closeFile();
    this.#isClosed = true;
    const [cut] = this.#queue;
    return cut ? linesIn(cut.bytes.subarray(0, -cut.left)) : 0;
  }

  #writeSome(): void {
    this.#isWriting = true;
    fs.writev(this.fd, this.#first(), (error, written) => {
      if (this.#isClosed) return;
      if (error && BUSY.includes(error.code ?? '')) {
        this.#busy = setTimeout(() => this.#writeSome(), BUSY_MS);
        return;
      }
      this.#end(error, written);
    });
  }

  /** The oldest, as many as are written at once. */
  #first(): Buffer[] {
    const buffers: Buffer[] = [];
    let bytes = 0;
    for (const queued of this.#queue) {
      bytes += queued.left;
      if (buffers.length > 0 && (bytes > MAX_WRITE || buffers.length === MOST_BUFFERS)) break;
      buffers.push(queued.bytes.subarray(-queued.left));
    }
    return buffers;
  }

  /** Who is told may queue more, which is not written before all are told. */
  #end(error: NodeJS.ErrnoException | null, written: number): void {
    if (!error) this.#release(written);
    this.#isWriting = false;
    if (error) this.#fail(error);
    else this.retry();
    this.#onTurn();
  }

  /** Resolves when the write under way has ended, and no other begins; or when that takes too long. */
  #lastWrite(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LAST_WRITE_MS);
      this.#onTurn = () => {
        clearTimeout(timer);
        resolve();
      };
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

  #closeFile(): Promise<void> {
    return new Promise((resolve) => {
      fs.close(this.fd, (error) => {
        if (error) this.#fail(error);
        resolve();
      });
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#hasFailed = true;
    this.#onError(error);
  }

  #release(written: number): void {
    let left = written;
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
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
