/** How values are distributed, in few figures. */
import type { Histogram } from './histogram.js';

export interface Distribution {
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Of one that is not empty. */
export function distributionOf(values: Histogram): Distribution {
  const { least: min, most: max } = values;
  const [p50, p90, p95, p99] = values.percentiles([50, 90, 95, 99]) as [
    number,
    number,
    number,
    number,
  ];
  return { min, p50, p90, p95, p99, max };
}
