import { once } from 'node:events';
import sonicBoom from 'sonic-boom';
import type { OnWriteError, Output } from './output.js';

const { SonicBoom } = sonicBoom;
const MAX_WRITE = 256 << 10;

interface Queued {
  left: number;
  readonly onWritten: () => void;
}

/** Files and terminals: written on other threads; short writes and EAGAIN are SonicBoom's. */
export class FileOutput implements Output {
  readonly #stream: InstanceType<typeof SonicBoom>;
  readonly #queue: Queued[] = [];

  /** Owns `fd`; standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.#stream = new SonicBoom({ fd, contentMode: 'buffer', maxWrite: MAX_WRITE, sync: false });
    this.#stream.on('write', (written: number) => this.#release(written));
    this.#stream.on('error', onError);
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#queue.push({ left: bytes.length, onWritten });
    // SonicBoom takes buffers in this mode; its types know strings only.
    this.#stream.write(bytes as unknown as string);
  }

  async close(): Promise<void> {
    // Where closing fails it says so by an error, which has its listener, and no more.
    const closed = once(this.#stream, 'close').catch(() => {});
    this.#stream.destroy();
    await closed;
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
