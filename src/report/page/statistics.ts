/** Exact: of all values, not of a histogram. */
import { nearestRank } from '../../summary/rank.js';

export interface Statistics {
  readonly count: number;
  readonly least: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

/** @param sorted ascending, at least one */
export function statisticsOf(sorted: Float64Array): Statistics {
  return {
    count: sorted.length,
    least: sorted[0] as number,
    median: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p99: percentile(sorted, 99),
    most: sorted[sorted.length - 1] as number,
  };
}

/** The value that `percent` of all do not exceed (nearest rank). */
export function percentile(sorted: Float64Array, percent: number): number {
  return sorted[nearestRank(percent, sorted.length) - 1] as number;
}

/** How many of the sorted values are less than this one. */
export function countBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
