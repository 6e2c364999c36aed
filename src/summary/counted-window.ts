/** The RTTs of the last while, as the core has counted them: of whole intervals. Times in ns, only to be compared. */
import { Histogram } from './histogram.js';

/** As the buckets of the core: from edge to edge it is 1/32 at most. */
const PART_BITS = 5;
/** Of a window no more parts are kept than twice this: it is as long as it should be within a hundredth. */
const MOST_PARTS = 100;

/** What was counted from one time to another. */
export interface CountedInterval {
  readonly begin: number;
  readonly end: number;
  /** What is overdue included, with the time that it has waited. */
  readonly rtts: Histogram;
}

/** To gather what the core has counted in. */
export function newCount(): Histogram {
  return new Histogram(PART_BITS);
}

export class CountedWindow {
  readonly #length: number;
  #parts: CountedInterval[] = [];
  #first = Number.NaN;

  /** @param length in nanoseconds; undefined: all since the beginning */
  constructor(length: number | undefined) {
    this.#length = length ?? Number.POSITIVE_INFINITY;
  }

  get all(): number {
    return this.#parts.reduce((sum, { rtts }) => sum + rtts.total, 0);
  }

  /** Whether it has been counted for as long as it is. */
  get isWhole(): boolean {
    if (this.#length === Number.POSITIVE_INFINITY) return true;
    const end = this.#parts.at(-1)?.end ?? Number.NaN;
    return end - this.#first >= this.#length;
  }

  /** The value that `percent` of them do not exceed: the middle of its bucket; the least and the most are exact. */
  percentile(percent: number): number {
    const sum = newCount();
    for (const { rtts } of this.#parts) sum.add(rtts);
    return percent === 0 ? sum.least : sum.percentile(percent);
  }

  /** What ended before the window is forgotten; of what it begins in the midst of, nothing. */
  accept(interval: CountedInterval): void {
    const { begin, end } = interval;
    // The clock was set back: nothing before can be compared with what comes.
    if (end < (this.#parts.at(-1)?.end ?? end)) this.#parts = [];
    if (this.#parts.length === 0) this.#first = begin;
    this.#append(interval);
    while ((this.#parts[0]?.end ?? end) <= end - this.#length) this.#parts.shift();
  }

  #append({ begin, end, rtts }: CountedInterval): void {
    const last = this.#parts.at(-1);
    const isOfLast = last && end - last.begin <= this.#length / MOST_PARTS;
    const part = isOfLast ? (this.#parts.pop() as CountedInterval) : { begin, rtts: newCount() };
    part.rtts.add(rtts);
    this.#parts.push({ begin: part.begin, end, rtts: part.rtts });
  }
}
