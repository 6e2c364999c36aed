/** RTTs that the core has counted, as JSON; docs/ndjson.md has the fields. */
import type { AggregatedNetwork, AggregateFigures } from '../summary/aggregates.js';
import { addressText } from '../text/address.js';
import { distributionFields } from './ndjson-notices.js';
import { seenAtFields } from './seen-at.js';

/** The fields after those that every object has. */
export function aggregateFields(length: bigint, figures: AggregateFigures): string {
  const { side, network, seenAt, isOthers, samples, reported, overdue } = figures;
  const { sum, rtt, buckets } = figures;
  return (
    `"interval":${length},"side":"${side}",` +
    seenAtFields(seenAt) +
    (network ? `"prefix":"${prefixText(network)}",` : '') +
    (isOthers ? '"others":true,' : '') +
    `"samples":${samples},"reported":${reported},"overdue":${overdue}` +
    (rtt ? `,"rtt_sum":${sum},${distributionFields(rtt, 'rtt_')}` : '') +
    `,"buckets":[${buckets.map(([from, count]) => `[${from},${count}]`).join(',')}]`
  );
}

function prefixText({ address, ipVersion, bits }: AggregatedNetwork): string {
  return `${addressText(address, ipVersion)}/${bits}`;
}
