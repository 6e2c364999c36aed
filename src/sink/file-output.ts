import { once } from 'node:events';
import sonicBoom from 'sonic-boom';
import type { OnWriteError, Output } from './output.js';

const { SonicBoom } = sonicBoom;
/** What waits is written at once: a loaded machine may let a process write only a few times a second. */
const MAX_WRITE = 4 << 20;
const NEWLINE = 0x0a;

interface Queued {
  readonly bytes: Buffer;
  left: number;
  readonly onWritten: () => void;
}

/** Files and terminals: written on other threads; short writes and EAGAIN are SonicBoom's. */
export class FileOutput implements Output {
  readonly fd: number;
  readonly #stream: InstanceType<typeof SonicBoom>;
  readonly #queue: Queued[] = [];

  /** Owns `fd`; standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.fd = fd;
    this.#stream = new SonicBoom({ fd, contentMode: 'buffer', maxWrite: MAX_WRITE, sync: false });
    this.#stream.on('write', (written: number) => this.#release(written));
    this.#stream.on('error', onError);
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#queue.push({ bytes, left: bytes.length, onWritten });
    // SonicBoom takes buffers in this mode; its types know strings only.
    this.#stream.write(bytes as unknown as string);
  }

  /** What a short write has left goes first. */
  retry(): void {
    this.#stream.flush();
  }

  async close(): Promise<number> {
    // Where closing fails it says so by an error, which has its listener, and no more.
    const closed = once(this.#stream, 'close').catch(() => {});
    this.#stream.destroy();
    await closed;
    const [cut] = this.#queue;
    return cut ? linesIn(cut.bytes.subarray(0, -cut.left)) : 0;
  }

  /** Oldest first. */
  #release(written: number): void {
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
