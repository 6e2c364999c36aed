/** What the core has counted -> a histogram. */
import { type Aggregate, middleOf } from '../events/aggregate.js';
import type { Histogram } from './histogram.js';

/** Of each bucket its middle; with the least and the most of all. */
export function recordBuckets(histogram: Histogram, { buckets, least, most }: Aggregate): void {
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
