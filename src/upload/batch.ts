/** Lines on their way to a batch, and batches on their way to the server. */
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const compress = promisify(gzip);

/** What is sent at once. */
export interface Batch {
  /** Whole lines, compressed by gzip. */
  readonly body: Buffer;
  readonly lines: number;
}

/** What a batch is made of. */
export interface Portion {
  readonly bytes: Buffer;
  readonly lines: number;
}

/** On another thread. The least of compression makes a tenth of NDJSON already. */
export async function toBatch({ bytes, lines }: Portion): Promise<Batch> {
  return { body: await compress(bytes, { level: constants.Z_BEST_SPEED }), lines };
}

/** Gathers lines until they are taken. */
export class Gathering {
  #parts: { readonly bytes: Buffer; readonly onTaken: () => void }[] = [];
  #bytes = 0;
  #lines = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  /** @param onTaken called once `bytes` are no longer used */
  add(bytes: Buffer, lines: number, onTaken: () => void): void {
    this.#parts.push({ bytes, onTaken });
    this.#bytes += bytes.length;
    this.#lines += lines;
  }

  /** All that was added since the last time. */
  take(): Portion {
    const portion = {
      bytes: Buffer.concat(this.#parts.map(({ bytes }) => bytes)),
      lines: this.#lines,
    };
    for (const { onTaken } of this.#parts) onTaken();
    this.#parts = [];
    this.#bytes = 0;
    this.#lines = 0;
    return portion;
  }
}
