/**
 * How often which value occurred, in bounded memory: as an HDR histogram (hdrhistogram.org), each
 * power of two is cut into equal parts. Memory is taken for the octaves from the least to the most.
 */

const TWO_TO_32 = 2 ** 32;
const NOTHING = new Float64Array(0);

export class Histogram {
  readonly #partBits: number;
  readonly #parts: number;
  /** Of the octaves from #first on. Not numbers of 32 bits: at a million a second those are full in an hour. */
  #counts = NOTHING;
  #first = 0;
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /** @param partBits 11 is exact to one part in 4,000 and takes 16 kB an octave; 8 to one in 500, and 2 kB */
  constructor(partBits = 11) {
    this.#partBits = partBits;
    this.#parts = 2 ** partBits;
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
  record(value: number, times = 1): void {
    const octave = this.#octaveOf(value);
    this.#include(octave, octave);
    const at = (octave - this.#first) * this.#parts + this.#partOf(value, octave);
    this.#counts[at] = (this.#counts[at] as number) + times;
    this.#total += times;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  /**
   * Takes over what was counted elsewhere.
   * @param counts values, and how often each was there: of a part any value
   * @param least of all of them, and `most`, which are known better than by the parts
   */
  recordAll(
    counts: Iterable<readonly [value: number, times: number]>,
    least: number,
    most: number,
  ) {
    const before = [this.#least, this.#most] as const;
    for (const [value, times] of counts) this.record(value, times);
    this.#least = Math.min(before[0], least);
    this.#most = Math.max(before[1], most);
  }

  /** Takes over what another of the same accuracy has. */
  add(other: Histogram): void {
    if (other.#total === 0) return;
    this.#include(other.#first, other.#end - 1);
    const shift = (other.#first - this.#first) * this.#parts;
    other.#counts.forEach((count, at) => {
      this.#counts[shift + at] = (this.#counts[shift + at] as number) + count;
    });
    this.#total += other.#total;
    this.#least = Math.min(this.#least, other.#least);
    this.#most = Math.max(this.#most, other.#most);
  }

  /** How far the values of another are above `base`, in whole `unit`s; of what is below it nothing. */
  addAbove(other: Histogram, base: number, unit: number): void {
    for (const [value, count] of other.#filled()) {
      this.record(Math.max(0, Math.floor((value - base) / unit)), count);
    }
  }

  /** The value that `percent` of all do not exceed (nearest rank); NaN of none. */
  percentile(percent: number): number {
    return this.percentiles([percent])[0] as number;
  }

  /** The same of several in one walk. @param percents ascending */
  percentiles(percents: readonly number[]): number[] {
    const filled = this.#filled();
    let below = 0;
    let middle = Number.NaN;
    return percents.map((percent) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * this.#total));
      if (rank >= this.#total && this.#total > 0) return this.#most;
      while (below < rank) {
        const next = filled.next();
        if (next.done) return Number.NaN;
        const [value, count] = next.value;
        below += count;
        middle = value;
      }
      return Math.min(Math.max(middle, this.#least), this.#most);
    });
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
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at] as number;
      if (count === 0) continue;
      const octave = this.#first + Math.floor(at / this.#parts);
      yield [this.#middleOf(at % this.#parts, octave), count];
    }
  }

  /** The octave behind the last. */
  get #end(): number {
    return this.#first + this.#counts.length / this.#parts;
  }

  /** Makes room for these octaves and all between. */
  #include(least: number, most: number): void {
    if (least >= this.#first && (most - this.#first) * this.#parts < this.#counts.length) return;
    const isEmpty = this.#counts.length === 0;
    const first = isEmpty ? least : Math.min(least, this.#first);
    const end = isEmpty ? most + 1 : Math.max(most + 1, this.#end);
    const counts = new Float64Array((end - first) * this.#parts);
    counts.set(this.#counts, isEmpty ? 0 : (this.#first - first) * this.#parts);
    this.#counts = counts;
    this.#first = first;
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
