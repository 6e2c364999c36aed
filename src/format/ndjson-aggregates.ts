/** RTTs that the core has counted, as JSON; docs/ndjson.md has the fields. */
import type { Traffic } from '../events/aggregate.js';
import type { Protocol } from '../events/names.js';
import type {
  AggregatedNetwork,
  AggregatedOwner,
  AggregateFigures,
} from '../summary/aggregates.js';
import { areResendsSeen } from '../summary/resent.js';
import { addressText } from '../text/address.js';
import { ownerFields } from './ndjson-attribution.js';
import { distributionFields } from './ndjson-distribution.js';
import { protocolField } from './ndjson-notices.js';
import { seenAtFields } from './seen-at.js';

/** The fields after those that every object has. */
export function aggregateFields(length: bigint, figures: AggregateFigures): string {
  const { side, protocol, network, owner, seenAt, isOthers, samples, reported, overdue } = figures;
  const { sum, rtt, buckets, sent, rec } = figures;
  return (
    `"interval":${length},"side":"${side}"${protocolField(protocol)},` +
    seenAtFields(seenAt) +
    (network ? `"prefix":"${prefixText(network)}",` : '') +
    (isOthers ? '"others":true,' : '') +
    `"samples":${samples},"reported":${reported},"overdue":${overdue}` +
    (owner ? attributionFields(owner) : '') +
    trafficFields('sent', sent, protocol) +
    trafficFields('rec', rec, protocol) +
    (rtt ? `,"rtt_sum":${sum},${distributionFields(rtt, 'rtt_')}` : '') +
    `,"buckets":[${buckets.map(([from, count]) => `[${from},${count}]`).join(',')}]`
  );
}

/** Those without a socket here have no more than that. */
function attributionFields({ attribution }: AggregatedOwner): string {
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
