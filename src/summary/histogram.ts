/**
 * How often which value occurred, in bounded memory: as an HDR histogram (hdrhistogram.org), each
 * power of two is cut into equal parts. Memory is taken for the octaves from the least to the most,
 * once there are more than a few values: of thousands of hosts, most have few.
 */
import { nearestRank } from './rank.js';

const TWO_TO_32 = 2 ** 32;
const NOTHING = new Uint16Array(0);
/** So many values are a list. */
const FEW = 16;
/** Of counts of 16 bits. */
const MOST_NARROW = 0xffff;

export class Histogram {
  readonly #partBits: number;
  readonly #parts: number;
  /** The parts of the values, in the order in which they came, as long as these are few. */
  readonly #few: number[] = [];
  /**
   * Then of the octaves from #first on. Of most hosts 16 bits are enough, and the less memory that is, the more of it
   * is in the processor's cache. More are not numbers of 32 bits: at a million a second those are full in an hour.
   */
  #counts: Uint16Array | Float64Array = NOTHING;
  /** The part that they begin with. */
  #first = 0;
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  /**
   * @param partBits 11 is exact to one part in 4,000 and takes 4 kB an octave; 8 to one in 500, and half a kB. Four
   * times that once there are more than 65,535 of a part.
   */
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
    const part = this.#partOf(value);
    const at = part - this.#first;
    // As a rule it is there: nearly all that counting an RTT costs is this.
    if (at >= 0 && at < this.#counts.length) this.#raise(at, times);
    else this.#countSlowly(part, times);
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
    if (other.#areFew) this.#addFew(other.#fewOnes);
    else this.#addCounts(other);
    this.#least = Math.min(this.#least, other.#least);
    this.#most = Math.max(this.#most, other.#most);
  }

  /** Begins anew; what octaves took is given back. */
  clear(): void {
    this.#counts = NOTHING;
    this.#total = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#most = 0;
  }

  /** How far the values of another are above `base`, in whole `unit`s; of what is below it nothing. */
  addAbove(other: Histogram, base: number, unit: number): void {
    other.#walk((value, count) => {
      this.record(Math.max(0, Math.floor((value - base) / unit)), count);
      return true;
    });
  }

  /** The value that `percent` of all do not exceed (nearest rank); NaN of none. */
  percentile(percent: number): number {
    return this.percentiles([percent])[0] as number;
  }

  /** The same of several in one walk. @param percents ascending */
  percentiles(percents: readonly number[]): number[] {
    const ranks = percents.map((percent) => nearestRank(percent, this.#total));
    const values = ranks.map(() => (this.#total > 0 ? this.#most : Number.NaN));
    let [at, below] = [0, 0];
    this.#walk((middle, count) => {
      below += count;
      const value = Math.min(Math.max(middle, this.#least), this.#most);
      // The last of all is known better.
      for (; (ranks[at] as number) <= below && (ranks[at] as number) < this.#total; at++) {
        values[at] = value;
      }
      return (ranks[at] ?? this.#total) < this.#total;
    });
    return values;
  }

  /** How many are below `value`, to the histogram's accuracy. */
  countBelow(value: number): number {
    let below = 0;
    this.#walk((middle, count) => {
      if (middle >= value) return false;
      below += count;
      return true;
    });
    return below;
  }

  /**
   * Hands over the middle of each part with something in it, and how much; ascending, as long as more is wanted. Of
   * few values a part may come again. (A generator takes half as long again, of each of thousands of hosts.)
   */
  #walk(visit: (middle: number, count: number) => boolean): void {
    if (this.#areFew) {
      for (const part of this.#fewOnes.sort((a, b) => a - b)) {
        if (!visit(this.#middleOf(part), 1)) return;
      }
    }
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at] as number;
      if (count > 0 && !visit(this.#middleOf(this.#first + at), count)) return;
    }
  }

  get #areFew(): boolean {
    return this.#counts.length === 0;
  }

  /** A copy. */
  get #fewOnes(): number[] {
    return this.#few.slice(0, this.#total);
  }

  /** Wherever it belongs, but for the total. */
  #countSlowly(part: number, times: number): void {
    if (this.#areFew && times === 1 && this.#total < FEW) {
      this.#few[this.#total] = part;
      return;
    }
    this.#include(part, part);
    this.#raise(part - this.#first, times);
  }

  #addFew(parts: readonly number[]): void {
    for (const part of parts) {
      this.#countSlowly(part, 1);
      this.#total++;
    }
  }

  #addCounts(other: Histogram): void {
    this.#include(other.#first, other.#end - 1);
    const shift = other.#first - this.#first;
    for (let at = 0; at < other.#counts.length; at++) {
      const count = other.#counts[at] as number;
      if (count > 0) this.#raise(shift + at, count);
    }
    this.#total += other.#total;
  }

  #raise(at: number, times: number): void {
    const count = (this.#counts[at] as number) + times;
    if (count > MOST_NARROW) this.#widen();
    this.#counts[at] = count;
  }

  #widen(): void {
    if (!this.#isWide) this.#counts = new Float64Array(this.#counts);
  }

  get #isWide(): boolean {
    return this.#counts.BYTES_PER_ELEMENT > NOTHING.BYTES_PER_ELEMENT;
  }

  /** Makes room for the octaves of these parts and all between. */
  #include(least: number, most: number): void {
    const [counts, first, end] = [this.#counts, this.#first, this.#end];
    if (this.#areFew) this.#spread(least, most);
    else if (least < first || most >= end) {
      this.#take(Math.min(least, first), Math.max(most, end - 1));
      this.#counts.set(counts, first - this.#first);
    }
  }

  /** The same, and puts the few values there. */
  #spread(least: number, most: number): void {
    const few = this.#fewOnes;
    this.#take(Math.min(least, ...few), Math.max(most, ...few));
    for (const part of few) this.#raise(part - this.#first, 1);
  }

  /** Octaves that are empty: from that of one part to that of another. */
  #take(least: number, most: number): void {
    const octave = least >>> this.#partBits;
    const octaves = (most >>> this.#partBits) + 1 - octave;
    this.#first = octave * this.#parts;
    const size = octaves * this.#parts;
    this.#counts = this.#isWide ? new Float64Array(size) : new Uint16Array(size);
  }

  /** The part behind the last. */
  get #end(): number {
    return this.#first + this.#counts.length;
  }

  /**
   * The number of its part. The lowest octave holds each value by itself; from then on each has the values of as many
   * bits.
   */
  #partOf(value: number): number {
    const bits =
      value < TWO_TO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / TWO_TO_32));
    const shift = bits - this.#partBits - 1;
    if (shift < 0) return value;
    const upper = value < TWO_TO_32 ? value >>> shift : Math.floor(value / 2 ** shift);
    return shift * this.#parts + upper;
  }

  #middleOf(part: number): number {
    if (part < this.#parts) return part;
    const width = 2 ** ((part >>> this.#partBits) - 1);
    return ((part % this.#parts) + this.#parts) * width + (width > 1 ? width / 2 : 0);
  }
}
