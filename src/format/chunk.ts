/** Bytes on their way to the sink: lines are appended, the whole is taken at once. */

const INITIAL_BYTES = 64 * 1024;
/** No line is longer: two addresses, a dozen numbers and an interface name. */
const LONGEST_LINE = 1024;

export class Chunk {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  #lines = 0;

  /** Appends one line (ASCII, ending included). */
  append(line: string): void {
    if (this.#length + Math.max(line.length, LONGEST_LINE) > this.#bytes.length) this.#grow();
    this.#length += this.#bytes.write(line, this.#length, 'latin1');
    this.#lines++;
  }

  get length(): number {
    return this.#length;
  }

  /** Hands over what was appended and begins anew. */
  take(): { bytes: Buffer; lines: number } {
    const taken = {
      bytes: Buffer.from(this.#bytes.subarray(0, this.#length)),
      lines: this.#lines,
    };
    this.#length = 0;
    this.#lines = 0;
    return taken;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
