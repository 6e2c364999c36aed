/** A real pipe with a name. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { until } from '../../../lab/until.js';

/** Writes to a pipe that does not wait, until there is no room. @returns what was written */
export function fill(fd: number): Buffer {
  const block = Buffer.alloc(4096, '-');
  let blocks = 0;
  try {
    for (;;) {
      writeSync(fd, block);
      blocks++;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return Buffer.alloc(blocks * block.length, '-');
}

export class NamedPipe {
  #reader: number | undefined;

  /** Makes the pipe and opens its reading end, so that opening it to write does not wait. */
  constructor(readonly path: string) {
    execFileSync('mkfifo', [path]);
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Writes until there is no room. @returns what was written */
  fill(): Buffer {
    const fd = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      return fill(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** Reads so many bytes, and leaves the rest. */
  async read(length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    let read = 0;
    await until(() => {
      read += this.#readSome(bytes.subarray(read));
      return read === length;
    }, `${length} bytes in a pipe`);
    return bytes;
  }

  #readSome(block: Buffer): number {
    if (this.#reader === undefined) throw new Error('the reading end is closed');
    try {
      return readSync(this.#reader, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  /** Reads until all writers have gone. To be called once, instead of close(). */
  readAll(): Promise<Buffer> {
    const fd = this.#reader;
    if (fd === undefined) throw new Error('the reading end is closed');
    this.#reader = undefined;
    const parts: Buffer[] = [];
    return new Promise((resolve, reject) => {
      new Socket({ fd, readable: true, writable: false })
        .on('data', (part) => parts.push(part))
        .on('end', () => resolve(Buffer.concat(parts)))
        .on('error', reject);
    });
  }

  /** The reader goes, whatever is left to read; writers that wait get EPIPE. May be called twice. */
  close(): void {
    if (this.#reader !== undefined) closeSync(this.#reader);
    this.#reader = undefined;
  }
}
