/** What is left of all bytes never falls, though packets are on their way between two counters. */
import { expect, test } from '@jest/globals';
import { MeasurableBytes } from '../../src/metrics/measurable-bytes.js';
import { countersOf } from '../helpers/events/events.js';

test('a packet whose fate is counted before its bytes takes nothing away from TCP', () => {
  const bytes = new MeasurableBytes();
  expect(bytes.read(countersOf({ bytes: 1_000, dnsBytes: 100 }))).toMatchObject({ TCP: 900 });
  const between = countersOf({ bytes: 1_000, dnsBytes: 160, unmeasurableBytes: 5 });
  expect(bytes.read(between)).toMatchObject({ TCP: 900, DNS: 160 });
  expect(bytes.read(countersOf({ bytes: 1_500, dnsBytes: 160 }))).toMatchObject({ TCP: 1_340 });
});

test('nothing is below 0', () => {
  const bytes = new MeasurableBytes();
  expect(bytes.read(countersOf({ filteredBytes: 60 }))).toEqual({
    ...{ TCP: 0, ICMP: 0, ICMPv6: 0, QUIC: 0, DNS: 0 },
  });
});
