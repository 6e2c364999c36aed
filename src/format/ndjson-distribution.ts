/** How values are distributed, as fields of NDJSON. */
import type { Distribution } from '../summary/distribution.js';

/** @param prefix of their names, such as `rtt_` */
export function distributionFields(values: Distribution, prefix: string): string {
  return Object.entries(values)
    .map(([name, value]) => `"${prefix}${name}":${value}`)
    .join(',');
}
