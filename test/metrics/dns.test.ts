import { expect, test } from '@jest/globals';
import { countedDivision } from '../../src/metrics/divisions.js';
import { CountedDns, EventDns } from '../../src/metrics/dns.js';
import { dnsAggregateOf } from '../helpers/events/aggregates.js';
import { dnsEvent, ipv4 } from '../helpers/events/events.js';
import { PREFIXES, termsOf } from '../helpers/output/metrics.js';

test('by network it is that of the resolver', () => {
  const dns = new EventDns(termsOf('prefix', 100, ['eth0']));
  for (const host of ['192.0.2.1', '192.0.2.9', '203.0.113.5']) {
    dns.accept(dnsEvent({ srcAddress: ipv4(host) }));
  }
  const counts = Array.from(dns.times.all(), ({ labels, value }) => [labels.prefix, value.samples]);
  expect(counts).toEqual([
    ['192.0.2.0/24', 2],
    ['203.0.113.0/24', 1],
  ]);
});

test('of what the core has counted there are times without codes, codes, and what was not answered', () => {
  const { labelsOf } = termsOf('prefix', 100, ['eth0']);
  const division = countedDivision('prefix', { prefixes: PREFIXES, ownerOf: () => '' });
  const dns = new CountedDns({ most: 100, labelsOf, division });
  dns.acceptAggregate(dnsAggregateOf());
  dns.acceptAggregate(dnsAggregateOf({ unanswered: 3 }));
  dns.acceptAggregate(dnsAggregateOf({ isOthers: true, network: undefined }));
  const where = { interface: 'eth0', side: 'beyond', prefix: '192.0.2.0/24' };
  const others = { interface: 'others', side: 'beyond', prefix: 'others' };
  const histograms = Array.from(dns.times.all(), ({ labels, value }) => ({
    labels,
    count: value.counts.reduce((sum, count) => sum + count, 0),
    sum: value.sum,
  }));
  expect(histograms).toEqual([
    { labels: where, count: 20, sum: 50e6 },
    { labels: others, count: 10, sum: 25e6 },
  ]);
  const numbers = (series: typeof dns.responses) =>
    Array.from(series.all(), ({ labels, value }) => [labels.prefix, labels.rcode, value.count]);
  expect(numbers(dns.responses)).toEqual([
    ['192.0.2.0/24', 'NOERROR', 18],
    ['192.0.2.0/24', 'SERVFAIL', 2],
    ['others', 'NOERROR', 9],
    ['others', 'SERVFAIL', 1],
  ]);
  expect(numbers(dns.unanswered)).toEqual([
    ['192.0.2.0/24', undefined, 5],
    ['others', undefined, 2],
  ]);
  expect(numbers(dns.ambiguous)).toEqual([
    ['192.0.2.0/24', undefined, 2],
    ['others', undefined, 1],
  ]);
});

test('what there is no room for is counted together', () => {
  const dns = new EventDns(termsOf('prefix', 2, ['eth0']));
  for (const host of ['192.0.2.1', '203.0.113.5', '198.51.100.1']) {
    dns.accept(dnsEvent({ srcAddress: ipv4(host) }));
    dns.accept(dnsEvent({ srcAddress: ipv4(host), responseTime: undefined, rcode: undefined }));
  }
  for (const series of [dns.times, dns.responses, dns.unanswered]) {
    const prefixes = [...series.all()].map(({ labels }) => labels.prefix);
    expect(prefixes).toEqual(['192.0.2.0/24', 'others']);
  }
});
