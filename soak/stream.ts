// A file that grows, or a FIFO, read as lines.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK = Buffer.alloc(1 << 20);

export class LineStream {
  readonly #fd: number;
  readonly #take: (line: string) => void;
  #rest = '';

  /** Opens `path`, which must exist; a FIFO without waiting for who writes. */
  constructor(path: string, take: (line: string) => void) {
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#take = take;
  }

  /** What tells it from all others, whatever it is called now. */
  get identity(): string {
    return identityOf(fstatSync(this.#fd));
  }

  /** Takes the whole lines that are there, but not much more than a chunk. @returns whether there were any bytes */
  read(): boolean {
    const bytes = this.#readChunk();
    if (bytes === 0) return false;
    const lines = (this.#rest + CHUNK.toString('latin1', 0, bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    return true;
  }

  /** @returns what is left of a line without its end */
  close(): string {
    closeSync(this.#fd);
    return this.#rest;
  }

  #readChunk(): number {
    try {
      return readSync(this.#fd, CHUNK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}

export function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}
