/** What the core might have counted. */
import type { Aggregate, DnsAggregate } from '../../../src/events/aggregate.js';
import { ipv4 } from './events.js';

/** 10 RTTs from 1.05 to 12.1 ms, of one network. */
export function aggregateOf(fields: Partial<Aggregate> = {}): Aggregate {
  return {
    side: 'beyond',
    protocol: 'TCP',
    network: { address: ipv4('192.0.2.0'), ipVersion: 4 },
    owner: undefined,
    place: 0,
    isOthers: false,
    reported: 10,
    samples: 12,
    sum: 25_000_000n,
    least: 1_050_000,
    most: 12_100_000,
    overdue: 1,
    sent: { packets: 40, bytes: 500_000, retransmittedPackets: 10, retransmittedBytes: 14_480 },
    rec: { packets: 30, bytes: 20_000, retransmittedPackets: 0, retransmittedBytes: 0 },
    buckets: [
      [1_048_576, 8],
      [2_097_152, 1],
      [12_058_624, 1],
    ],
    ...fields,
  };
}

/** 10 responses from 1.05 to 12.1 ms, of one network of resolvers. */
export function dnsAggregateOf(fields: Partial<DnsAggregate> = {}): DnsAggregate {
  const { side, network, owner, place, isOthers, reported, sum, least, most, buckets } =
    aggregateOf();
  return {
    ...{ side, protocol: 'DNS', network, owner, place, isOthers },
    ...{ reported, sum, least, most, buckets },
    ...{ unanswered: 2, ambiguous: 1, truncated: 0 },
    rcodes: new Map([
      ['NOERROR', 9],
      ['SERVFAIL', 1],
    ]),
    ...fields,
  };
}
