import { expect, test } from '@jest/globals';
import { DnsMetrics } from '../../src/metrics/dns.js';
import { dnsEvent, ipv4 } from '../helpers/events/events.js';
import { termsOf } from '../helpers/output/metrics.js';

test('by network it is that of the resolver', () => {
  const dns = new DnsMetrics(termsOf('prefix', 100, ['eth0']));
  for (const host of ['192.0.2.1', '192.0.2.9', '203.0.113.5']) {
    dns.accept(dnsEvent({ srcAddress: ipv4(host) }));
  }
  const counts = Array.from(dns.times.all(), ({ labels, value }) => [labels.prefix, value.samples]);
  expect(counts).toEqual([
    ['192.0.2.0/24', 2],
    ['203.0.113.0/24', 1],
  ]);
});
