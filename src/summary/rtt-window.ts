/** The RTTs of the last while, in slices of time: how many there are, and how many are within a value. */
import { Histogram } from './histogram.js';

const SLICES = 10;

interface Slice {
  readonly number: number;
  /** For who asks what they were; how many are within the value is counted exactly. */
  readonly rtts: Histogram;
  within: number;
}

export class RttWindow {
  readonly #isWithin: (rtt: number) => boolean;
  readonly #sliceLength: number;
  #slices: Slice[] = [];
  /** The number of the slice with which it began. */
  #first = Number.NaN;
  #all = 0;
  #within = 0;

  /** @param length in nanoseconds; undefined: all since the beginning */
  constructor(length: number | undefined, isWithin: (rtt: number) => boolean) {
    this.#isWithin = isWithin;
    this.#sliceLength = (length ?? Number.POSITIVE_INFINITY) / SLICES;
  }

  get all(): number {
    return this.#all;
  }

  /** Those that are within the value. */
  get within(): number {
    return this.#within;
  }

  /** Whether it has been watched for as long as it is. */
  get isWhole(): boolean {
    if (this.#sliceLength === Number.POSITIVE_INFINITY) return true;
    return (this.#slices.at(-1)?.number ?? this.#first) - this.#first >= SLICES;
  }

  /** The value that `percent` of them do not exceed, to one part in 4,000. */
  percentile(percent: number): number {
    const sum = new Histogram();
    for (const { rtts } of this.#slices) sum.add(rtts);
    return sum.percentile(percent);
  }

  /** @param time in nanoseconds, only to be compared with others */
  accept(rtt: number, time: number): void {
    const slice = this.#sliceAt(time);
    slice.rtts.record(rtt);
    this.#all++;
    if (!this.#isWithin(rtt)) return;
    slice.within++;
    this.#within++;
  }

  #sliceAt(time: number): Slice {
    const isEndless = this.#sliceLength === Number.POSITIVE_INFINITY;
    const number = isEndless ? 0 : Math.floor(time / this.#sliceLength);
    let slice = this.#slices.at(-1);
    // The clock was set back: nothing before can be compared with what comes.
    if (slice && number < slice.number - SLICES) slice = this.#forgetAll();
    if (slice && slice.number >= number) return slice;
    if (Number.isNaN(this.#first)) this.#first = number;
    const next = { number, rtts: new Histogram(), within: 0 };
    this.#slices.push(next);
    this.#forgetBefore(number - SLICES + 1);
    return next;
  }

  #forgetAll(): undefined {
    this.#slices = [];
    this.#first = Number.NaN;
    this.#all = 0;
    this.#within = 0;
  }

  #forgetBefore(number: number): void {
    for (let oldest = this.#slices[0]; oldest && oldest.number < number; oldest = this.#slices[0]) {
      this.#all -= oldest.rtts.total;
      this.#within -= oldest.within;
      this.#slices.shift();
    }
  }
}
