/** What the charts show, however it was recorded. Durations in ns, times in ms since the epoch. */
import type { Columns } from './columns.js';
import type { Bin, Step } from './distribution.js';
import type { Range } from './range.js';

/** RTTs over time. */
export interface RttSeries {
  /** Of all of it; Infinity and 0 where there is none. */
  readonly least: number;
  readonly most: number;
  /** What is in the range, for a chart of so many pixels. */
  columns(range: Range, pixels: number): Columns;
  within(range: Range): RttDistribution;
}

/** RTTs without their times. */
export interface RttDistribution {
  readonly count: number;
  /** These, and percentiles, are no numbers where there is none. */
  readonly least: number;
  readonly most: number;
  /** By nearest rank. */
  percentile(percent: number): number;
  /** Of a histogram, the lowest first; where there is any. */
  bins(): Bin[];
  /** Of the cumulative distribution, so many at most. */
  steps(most: number): Step[];
}
