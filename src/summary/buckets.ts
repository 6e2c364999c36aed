/** What the core has counted in buckets: the sum of several, and how it is distributed. */
import { type Aggregate, type Bucket, middleOf } from '../events/aggregate.js';
import type { Histogram } from './histogram.js';
import type { Distribution } from './totals.js';

export type Counted = Pick<Aggregate, 'buckets' | 'reported' | 'least' | 'most'>;

/** Of each bucket its middle; with the least and the most of all. */
export function recordBuckets(histogram: Histogram, { buckets, least, most }: Counted): void {
  if (buckets.length === 0) return;
  const middles = buckets.map(([from, count]) => [middleOf(from), count] as const);
  histogram.recordAll(middles, least, most);
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

/** Percentiles by nearest rank: middles of buckets, within the least and the most. @returns undefined of none */
export function figuresOf(counted: Counted): Distribution | undefined {
  const { reported, least: min, most: max } = counted;
  if (reported === 0) return undefined;
  const [p50, p90] = [percentileOf(counted, 50), percentileOf(counted, 90)];
  return { min, p50, p90, p95: percentileOf(counted, 95), p99: percentileOf(counted, 99), max };
}

function percentileOf({ buckets, reported, least, most }: Counted, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * reported));
  if (rank >= reported) return most;
  let below = 0;
  for (const bucket of buckets) {
    below += bucket[1];
    if (below >= rank) return Math.min(Math.max(middleOf(bucket[0]), least), most);
  }
  return most;
}

function bucketsOf(all: readonly Counted[]): Bucket[] {
  const counts = new Map<number, number>();
  for (const { buckets } of all) {
    for (const [from, count] of buckets) counts.set(from, (counts.get(from) ?? 0) + count);
  }
  return [...counts].sort(([a], [b]) => a - b);
}
