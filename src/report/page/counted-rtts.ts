/** How RTTs are distributed that were counted in buckets. */
import { BUCKETS, type Counted, endOf, PARTS, percentileOf, startOf } from '../buckets.js';
import type { Bin, Step } from './distribution.js';
import type { RttDistribution } from './rtt-series.js';

const MOST_BINS = 80;
/** What a logarithm can be taken of. */
const LEAST = 1;

export class CountedRtts implements RttDistribution {
  readonly #counted: Counted;

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  get count(): number {
    return this.#counted.reported;
  }

  get least(): number {
    return this.#counted.least;
  }

  get most(): number {
    return this.#counted.most;
  }

  percentile(percent: number): number {
    return percentileOf(this.#counted, percent);
  }

  /** Of one bucket each, or of as many as divide an octave: edges are those of buckets. */
  bins(): Bin[] {
    const { buckets } = this.#counted;
    const [first = 0, last = 0] = [buckets[0], buckets.at(-2)];
    const width = widthFor(last - first + 1);
    const start = startIndex(first, width);
    const bins = Array.from({ length: Math.floor((last - start) / width) + 1 }, (_, bin) => {
      const from = Math.max(start + bin * width, 0);
      return { ...this.#edgesOf(from, Math.max(start + (bin + 1) * width, 1) - 1), count: 0 };
    });
    for (let at = 0; at < buckets.length; at += 2) {
      const bin = bins[Math.floor(((buckets[at] as number) - start) / width)] as { count: number };
      bin.count += buckets[at + 1] as number;
    }
    return bins;
  }

  /** At the end of each bucket, where it is known how many are not longer; but for the longest there are never more. */
  steps(): Step[] {
    const { buckets, reported, most } = this.#counted;
    const steps: Step[] = [];
    let below = 0;
    for (let at = 0; at < buckets.length; at += 2) {
      below += buckets[at + 1] as number;
      const rtt = Math.min(most, endOf(buckets[at] as number));
      steps.push({ rtt, share: below / reported });
    }
    return steps;
  }

  /** Of the first and the last bucket the RTTs that there were. */
  #edgesOf(first: number, last: number): { from: number; to: number } {
    const { least, most } = this.#counted;
    const from = first === 0 ? Math.max(LEAST, Math.min(least, startOf(1))) : startOf(first);
    if (last < BUCKETS - 1) return { from, to: endOf(last) };
    return { from, to: Math.max(most, startOf(BUCKETS - 1) * (1 + 1 / PARTS)) };
  }
}

/** In buckets: a power of two, so that it divides an octave. */
function widthFor(buckets: number): number {
  let width = 1;
  while (buckets / width >= MOST_BINS && width < PARTS) width *= 2;
  return width;
}

/** Octaves begin at bucket 1: bins do, too. Bucket 0 is in the bin in front of it. */
function startIndex(first: number, width: number): number {
  return Math.floor((first - 1) / width) * width + 1;
}
