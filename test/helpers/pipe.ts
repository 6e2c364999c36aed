/** A real pipe with a name. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

export class NamedPipe {
  #reader: number | undefined;

  /** Makes the pipe and opens its reading end, so that opening it to write does not wait. */
  constructor(readonly path: string) {
    execFileSync('mkfifo', [path]);
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
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
