/**
 * How often which value occurred, in bounded memory: as an HDR histogram (hdrhistogram.org), each
 * power of two is cut into equal parts. An octave takes memory once there is something in it.
 */

/** Values go up to 2^53. */
const MOST_BITS = 54;
const TWO_TO_32 = 2 ** 32;

/**
 * Where there is one histogram for all, numbers of 32 bits do not do: at a million a second they are
 * full in an hour. Where there are thousands, none gets so many.
 */
type Counts = Float64Array | Uint32Array;
const EXACT_BITS = 11;

export class Histogram {
  readonly #partBits: number;
  readonly #parts: number;
  readonly #octaves: (Counts | undefined)[];
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /** @param partBits 11 is exact to one part in 4,000 and takes 16 kB an octave; 9 to one in 1,000, and 2 kB */
  constructor(partBits = EXACT_BITS) {
    this.#partBits = partBits;
    this.#parts = 2 ** partBits;
    this.#octaves = Array(MOST_BITS - partBits + 1).fill(undefined);
  }

  get total(): number {
    return this.#total;
  }

  /** Infinity of none. */
  get least(): number {
    return this.#least;
  }

  /** 0 of none. */
  get most(): number {
    return this.#most;
  }

  /** @param value a whole number from 0 up to 2^53 */
  record(value: number): void {
    const octave = this.#octaveOf(value);
    const counts = this.#octaves[octave] ?? this.#addOctave(octave);
    const part = this.#partOf(value, octave);
    counts[part] = (counts[part] as number) + 1;
    this.#total++;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  /** Takes over what another of the same accuracy has. */
  add(other: Histogram): void {
    other.#octaves.forEach((counts, octave) => {
      if (!counts) return;
      const mine = this.#octaves[octave] ?? this.#addOctave(octave);
      for (let part = 0; part < this.#parts; part++) {
        mine[part] = (mine[part] as number) + (counts[part] as number);
      }
    });
    this.#total += other.#total;
    this.#least = Math.min(this.#least, other.#least);
    this.#most = Math.max(this.#most, other.#most);
  }

  /** The value that `percent` of all do not exceed (nearest rank); NaN of none. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#total));
    if (rank >= this.#total && this.#total > 0) return this.#most;
    let left = rank;
    for (const [value, count] of this.#filled()) {
      left -= count;
      if (left <= 0) return Math.min(Math.max(value, this.#least), this.#most);
    }
    return Number.NaN;
  }

  /** How many are below `value`, to the histogram's accuracy. */
  countBelow(value: number): number {
    let below = 0;
    for (const [middle, count] of this.#filled()) {
      if (middle >= value) break;
      below += count;
    }
    return below;
  }

  /** The middle of each part with something in it, and how much; ascending. */
  *#filled(): Generator<readonly [middle: number, count: number]> {
    for (const [octave, counts] of this.#octaves.entries()) {
      if (!counts) continue;
      for (let part = 0; part < this.#parts; part++) {
        const count = counts[part] as number;
        if (count > 0) yield [this.#middleOf(part, octave), count];
      }
    }
  }

  #addOctave(octave: number): Counts {
    const isExact = this.#partBits >= EXACT_BITS;
    const counts = isExact ? new Float64Array(this.#parts) : new Uint32Array(this.#parts);
    this.#octaves[octave] = counts;
    return counts;
  }

  /** The lowest one holds each value by itself; from then on values of as many bits. */
  #octaveOf(value: number): number {
    const bits =
      value < TWO_TO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / TWO_TO_32));
    return Math.max(0, bits - this.#partBits);
  }

  #partOf(value: number, octave: number): number {
    if (octave === 0) return value;
    const shift = octave - 1;
    if (value < TWO_TO_32) return (value >>> shift) - this.#parts;
    return Math.floor(value / 2 ** shift) - this.#parts;
  }

  #middleOf(part: number, octave: number): number {
    if (octave === 0) return part;
    const width = 2 ** (octave - 1);
    return (part + this.#parts) * width + (width > 1 ? width / 2 : 0);
  }
}
