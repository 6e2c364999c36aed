/** What the core has counted -> a histogram. */
import { type Aggregate, middleOf } from '../events/aggregate.js';
import type { Histogram } from './histogram.js';

/** Of each bucket its middle; with the least and the most of all. */
export function recordBuckets(histogram: Histogram, { buckets, least, most }: Aggregate): void {
  if (buckets.length === 0) return;
  const middles = buckets.map(([from, count]) => [middleOf(from), count] as const);
  histogram.recordAll(middles, least, most);
}
