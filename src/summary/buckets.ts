/** What the core has counted in buckets: the sum of several, and how it is distributed. */
import { LITTLE } from '../core/endianness.js';
import { type Bucket, type CountedTimes, middleOf } from '../events/aggregate.js';
import type { Distribution } from './distribution.js';
import type { Histogram } from './histogram.js';
import { nearestRank } from './rank.js';

export type Counted = Pick<CountedTimes, 'buckets' | 'reported' | 'least' | 'most'>;

/** Of each bucket its middle; with the least and the most of all. */
export function recordBuckets(histogram: Histogram, { buckets, least, most }: Counted): void {
  if (buckets.length === 0) return;
  const middles = buckets.map(([from, count]) => [middleOf(from), count] as const);
  histogram.recordAll(middles, least, most);
}

/**
 * The longest RTT that may be in the bucket that begins at `from`, in ns.
 * @param most the longest of all
 */
export function longestIn(from: number, most: number): number {
  const end = 2 * middleOf(from) - from;
  // The last one has no end.
  const longest = end > from ? Math.min(end - 1, most) : most;
  return Math.max(from, longest);
}

/** Bucket by bucket. There may be 100,000 in an interval, which the event loop waits for. */
export function sumOfBuckets(all: readonly Counted[]): Counted {
  const [only] = all;
  if (only && all.length === 1) return only;
  const filled = all.filter(({ reported }) => reported > 0);
  return {
    buckets: bucketsOf(filled),
    reported: filled.reduce((sum, { reported }) => sum + reported, 0),
    least: filled.reduce((least, each) => Math.min(least, each.least), Number.POSITIVE_INFINITY),
    most: filled.reduce((most, each) => Math.max(most, each.most), 0),
  };
}

const PERCENTS = [50, 90, 95, 99];

/** Percentiles by nearest rank: middles of buckets, within the least and the most. @returns undefined of none */
export function figuresOf(counted: Counted): Distribution | undefined {
  const { buckets, reported, least: min, most: max } = counted;
  if (reported === 0) return undefined;
  const found = [max, max, max, max] satisfies [number, number, number, number];
  let [next, below, rank] = [0, 0, rankOf(0, reported)];
  for (let at = 0; at < buckets.length && rank < reported; at++) {
    const [from, count] = buckets[at] as Bucket;
    below += count;
    while (below >= rank && rank < reported) {
      found[next] = Math.min(Math.max(middleOf(from), min), max);
      rank = rankOf(++next, reported);
    }
  }
  const [p50, p90, p95, p99] = found;
  return { min, p50, p90, p95, p99, max };
}

/** The last of all is the most, and so are those behind the last percentile. */
function rankOf(percent: number, reported: number): number {
  const share = PERCENTS[percent];
  return share === undefined ? reported : nearestRank(share, reported);
}

function bucketsOf(all: readonly Counted[]): Bucket[] {
  const counts = new Float64Array(NUMBERS);
  for (const { buckets } of all) {
    for (const [from, count] of buckets) {
      START[0] = from;
      const number = (WORDS[HIGH] as number) >>> NUMBER_SHIFT;
      counts[number] = (counts[number] as number) + count;
    }
  }
  return filledOf(counts);
}

/**
 * Of a bucket's start as a double the exponent and the first five bits behind it: 32 of them an octave. So each
 * bucket has a number, in their order, without a logarithm or a look-up for each of millions.
 */
const NUMBER_SHIFT = 15;
const NUMBERS = 2 ** (32 - NUMBER_SHIFT);
const START = new Float64Array(1);
const WORDS = new Uint32Array(START.buffer);
const HIGH = LITTLE ? 1 : 0;

function filledOf(counts: Float64Array): Bucket[] {
  const filled: Bucket[] = [];
  for (let number = 0; number < counts.length; number++) {
    const count = counts[number] as number;
    if (count === 0) continue;
    WORDS.fill(0);
    WORDS[HIGH] = number << NUMBER_SHIFT;
    filled.push([START[0] as number, count]);
  }
  return filled;
}
