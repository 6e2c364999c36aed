/**
 * How often which value occurred, to one part in 4,000, in constant memory: as an HDR histogram
 * (hdrhistogram.org), each power of two is cut into 2,048 equal parts.
 */

const PART_BITS = 11;
const PARTS = 1 << PART_BITS;
/** Values have up to 53 bits, and the lowest 2^12 have a part each. */
const OCTAVES = 54 - PART_BITS;
const TWO_TO_32 = 2 ** 32;

export class Histogram {
  /** Not numbers of 32 bits: at a million a second those are full in an hour. */
  readonly #counts = new Float64Array((OCTAVES + 1) * PARTS);
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /** @param value a whole number from 0 up to 2^53 */
  record(value: number): void {
    const part = partOf(value);
    this.#counts[part] = (this.#counts[part] as number) + 1;
    this.#total++;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  /** The value that `percent` of all do not exceed (nearest rank); NaN of none. */
  percentile(percent: number): number {
    let left = Math.max(1, Math.ceil((percent / 100) * this.#total));
    for (let part = 0; part < this.#counts.length; part++) {
      left -= this.#counts[part] as number;
      if (left <= 0) return Math.min(Math.max(middleOf(part), this.#least), this.#most);
    }
    return Number.NaN;
  }
}

function partOf(value: number): number {
  if (value < 2 * PARTS) return value;
  if (value < TWO_TO_32) {
    const octave = 31 - PART_BITS - Math.clz32(value);
    return octave * PARTS + (value >>> octave);
  }
  const octave = 63 - PART_BITS - Math.clz32(value / TWO_TO_32);
  return octave * PARTS + Math.floor(value / 2 ** octave);
}

function middleOf(part: number): number {
  if (part < 2 * PARTS) return part;
  const octave = Math.floor(part / PARTS) - 1;
  const start = (part - octave * PARTS) * 2 ** octave;
  return start + 2 ** (octave - 1);
}
