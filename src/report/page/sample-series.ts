/** RTTs that were told one by one. */
import { type Columns, columnCount, columnsOf } from './columns.js';
import { type Bin, cumulativeOf, histogramOf, type Step } from './distribution.js';
import type { Range } from './range.js';
import type { RttDistribution, RttSeries } from './rtt-series.js';
import { between, type SampleSelection } from './selection.js';
import { percentile } from './statistics.js';

export class SampleSeries implements RttSeries {
  readonly least: number;
  readonly most: number;
  readonly #selection: SampleSelection;

  constructor(selection: SampleSelection) {
    const { rtts } = selection;
    this.#selection = selection;
    this.least = rtts.reduce((least, rtt) => Math.min(least, rtt), Number.POSITIVE_INFINITY);
    this.most = rtts.reduce((most, rtt) => Math.max(most, rtt), 0);
  }

  columns({ from, to }: Range, pixels: number): Columns {
    const visible = between(this.#selection, from, to);
    return columnsOf(visible, from, to, columnCount(visible.times.length, pixels));
  }

  within({ from, to }: Range): RttDistribution {
    return new SortedRtts(between(this.#selection, from, to).rtts.slice().sort());
  }
}

class SortedRtts implements RttDistribution {
  readonly #sorted: Float64Array;

  /** @param sorted ascending */
  constructor(sorted: Float64Array) {
    this.#sorted = sorted;
  }

  get count(): number {
    return this.#sorted.length;
  }

  get least(): number {
    return this.#sorted[0] ?? Number.NaN;
  }

  get most(): number {
    return this.#sorted.at(-1) ?? Number.NaN;
  }

  percentile(percent: number): number {
    return percentile(this.#sorted, percent);
  }

  bins(): Bin[] {
    return histogramOf(this.#sorted);
  }

  steps(most: number): Step[] {
    return cumulativeOf(this.#sorted, most);
  }
}
