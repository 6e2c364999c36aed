/** Bytes on their way to the sink: lines are appended, the whole is taken at once. */
import { SLACK_BYTES } from './bytes.js';

const INITIAL_BYTES = 64 * 1024;
/** Two addresses, two dozen numbers and an interface name; only names that others have given can be longer. */
const LONGEST_LINE = 1024;
const MOST_SPARES = 4;
/** Less than this is copied when it is taken: the room is used again at once. */
const LEAST_TAKEN_WHOLE = INITIAL_BYTES / 2;

export interface Taken {
  readonly bytes: Buffer;
  readonly lines: number;
  /** May be called when the bytes are no longer wanted: fresh memory costs more than a line does. */
  release(): void;
}

export class Chunk {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #view = viewOf(this.#bytes);
  readonly #spares: Buffer<ArrayBuffer>[] = [];
  #length = 0;
  #lines = 0;

  /** Appends one line (ASCII, ending included). */
  append(line: string): void {
    this.#makeRoom(line.length);
    this.#length += this.#bytes.write(line, this.#length, 'latin1');
    this.#lines++;
  }

  /**
   * Room for one line that is written in place, from `length` on.
   * @param names bytes of it that others have a say in; with the rest of it up to LONGEST_LINE more
   */
  room(names = 0): DataView {
    this.#makeRoom(LONGEST_LINE + names);
    return this.#view;
  }

  /** That line, ending included, goes up to here. */
  commit(end: number): void {
    this.#length = end;
    this.#lines++;
  }

  get length(): number {
    return this.#length;
  }

  /** Hands over what was appended and begins anew. */
  take(): Taken {
    const taken = { ...this.#takeBytes(), lines: this.#lines };
    this.#length = 0;
    this.#lines = 0;
    return taken;
  }

  #takeBytes(): Pick<Taken, 'bytes' | 'release'> {
    const whole = this.#bytes;
    const bytes = whole.subarray(0, this.#length);
    if (this.#length < LEAST_TAKEN_WHOLE) return { bytes: Buffer.from(bytes), release: () => {} };
    this.#use(this.#spares.pop() ?? Buffer.allocUnsafe(whole.length));
    const release = () => {
      if (this.#spares.length < MOST_SPARES) this.#spares.push(whole);
    };
    return { bytes, release };
  }

  #makeRoom(bytes: number): void {
    const wanted = this.#length + Math.max(bytes, LONGEST_LINE) + SLACK_BYTES;
    if (wanted <= this.#bytes.length) return;
    let size = this.#bytes.length * 2;
    while (size < wanted) size *= 2;
    const larger = Buffer.allocUnsafe(size);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#use(larger);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
