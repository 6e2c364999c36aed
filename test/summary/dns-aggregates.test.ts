/** Response times of DNS that the core has counted, as figures of an interval. */
import { expect, test } from '@jest/globals';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { DnsAggregates } from '../../src/summary/dns-aggregates.js';
import { addressText } from '../../src/text/address.js';
import { dnsAggregateOf } from '../helpers/events/aggregates.js';
import { ipv4 } from '../helpers/events/events.js';

const SLOW = {
  network: { address: ipv4('198.51.100.0'), ipVersion: 4 },
  ...{ least: 80e6, most: 90e6, sum: 850_000_000n },
  buckets: [[79_691_776, 10]],
  rcodes: new Map([
    ['NOERROR', 8],
    ['REFUSED', 2],
  ]),
} as const;

const summary = () => new DnsAggregates(NO_AGGREGATION, 'beyond');

test('of a side there is all of it, and below it the worst first', () => {
  const [side, ...more] = summary().take([dnsAggregateOf(), dnsAggregateOf(SLOW)]);
  expect(more).toEqual([]);
  expect(side?.side).toBe('beyond');
  expect(side?.all).toMatchObject({
    ...{ responses: 20, unanswered: 4, ambiguous: 2, truncated: 0, sum: 875_000_000n },
    ...{ isOthers: false, responseTime: { min: 1_050_000, max: 90e6 } },
    rcodes: new Map([
      ['NOERROR', 17],
      ['SERVFAIL', 1],
      ['REFUSED', 2],
    ]),
  });
  const networks = side?.parts.map(({ network }) => {
    return network && [addressText(network.address, network.ipVersion), network.bits];
  });
  expect(networks).toEqual([
    ['198.51.100.0', 24],
    ['192.0.2.0', 24],
  ]);
});

test('sides are apart, and stay once there was anything of them', () => {
  const dns = summary();
  const sides = (aggregates: Parameters<typeof dns.take>[0]) =>
    dns.take(aggregates).map(({ side, all }) => [side, all.responses]);
  expect(sides([])).toEqual([['beyond', 0]]);
  expect(sides([dnsAggregateOf({ side: 'behind' })])).toEqual([['behind', 10]]);
  expect(sides([dnsAggregateOf()])).toEqual([
    ['beyond', 10],
    ['behind', 0],
  ]);
});

test('where nothing was answered there are no times', () => {
  const none = { reported: 0, sum: 0n, least: 0, most: 0, buckets: [], rcodes: new Map() };
  const [side] = summary().take([dnsAggregateOf({ ...none, unanswered: 3, ambiguous: 0 })]);
  expect(side?.all).toMatchObject({ responses: 0, unanswered: 3, responseTime: undefined });
  expect(side?.parts).toHaveLength(1);
});
