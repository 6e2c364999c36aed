/** RTTs that the core has counted, as JSON; docs/ndjson.md has the fields. */
import type { Traffic } from '../events/aggregate.js';
import type { Protocol } from '../events/names.js';
import type { AggregatedNetwork, AggregatedWho } from '../summary/aggregated-who.js';
import type { AggregateFigures } from '../summary/aggregates.js';
import type { DnsAggregateFigures } from '../summary/dns-aggregates.js';
import { areResendsSeen } from '../summary/resent.js';
import { addressText } from '../text/address.js';
import { ownerFields } from './ndjson-attribution.js';
import { distributionFields } from './ndjson-distribution.js';
import { protocolField } from './ndjson-notices.js';
import { seenAtFields } from './seen-at.js';

/** The fields after those that every object has. */
export function aggregateFields(length: bigint, figures: AggregateFigures): string {
  const { side, protocol, samples, reported, overdue, sum, rtt, sent, rec } = figures;
  return (
    `"interval":${length},"side":"${side}"${protocolField(protocol)},${whoFields(figures)}` +
    `"samples":${samples},"reported":${reported},"overdue":${overdue}` +
    ownerField(figures) +
    trafficFields('sent', sent, protocol) +
    trafficFields('rec', rec, protocol) +
    (rtt ? `,"rtt_sum":${sum},${distributionFields(rtt, 'rtt_')}` : '') +
    bucketsField(figures)
  );
}

/** With a comma after each. */
export function whoFields({ network, seenAt, isOthers }: AggregatedWho): string {
  return (
    seenAtFields(seenAt) +
    (network ? `"prefix":"${prefixText(network)}",` : '') +
    (isOthers ? '"others":true,' : '')
  );
}

export function bucketsField({
  buckets,
}: Pick<AggregateFigures | DnsAggregateFigures, 'buckets'>): string {
  return `,"buckets":[${buckets.map(([from, count]) => `[${from},${count}]`).join(',')}]`;
}

/** Where it is asked for. Those without a socket here have no more than that. */
export function ownerField({ owner: told }: AggregatedWho): string {
  if (!told) return '';
  const { attribution } = told;
  if (!attribution) return ',"owner":"unknown"';
  const { owner } = attribution;
  return owner ? `,"owner":"known"${ownerFields(owner)}` : ',"owner":"absent"';
}

function trafficFields(
  way: 'sent' | 'rec',
  traffic: Traffic,
  protocol: Protocol | undefined,
): string {
  const { packets, bytes, retransmittedPackets, retransmittedBytes } = traffic;
  const carried = `,"${way}_packets":${packets},"${way}_bytes":${bytes}`;
  if (!areResendsSeen(protocol)) return carried;
  return (
    carried +
    `,"${way}_retransmitted_packets":${retransmittedPackets}` +
    `,"${way}_retransmitted_bytes":${retransmittedBytes}`
  );
}

function prefixText({ address, ipVersion, bits }: AggregatedNetwork): string {
  return `${addressText(address, ipVersion)}/${bits}`;
}
