import { expect, test } from '@jest/globals';
import { NO_CONNECTIONS } from '../../src/core/quic-connections.js';
import { quicLines } from '../../src/format/quic.js';
import { statsText, summaryText } from '../../src/format/summary.js';
import { countersOf, runTotals } from '../helpers/events/events.js';

test('connections by what their spin bit has turned out to be, without what there is none of', () => {
  const quic = { valid: 3, random: 1, constant: 0, none: 8 };
  expect(quicLines(runTotals({ quic }))).toEqual([
    'QUIC: 12 connections; spin bit: 3 valid, 1 random, 8 none',
  ]);
  expect(quicLines(runTotals({ quic: { ...NO_CONNECTIONS, constant: 1 } }))).toEqual([
    'QUIC: 1 connection; spin bit: 1 constant',
  ]);
});

test('nothing where there was none, or it was not asked for', () => {
  expect(quicLines(runTotals({ quic: NO_CONNECTIONS }))).toEqual([]);
  expect(quicLines(runTotals())).toEqual([]);
});

test('it is a line of the summary, and of statistics', () => {
  const totals = runTotals({ quic: { ...NO_CONNECTIONS, none: 2 } });
  const line = 'QUIC: 2 connections; spin bit: 2 none';
  expect(summaryText(totals, 'eth0', false).split('\n')).toContain(line);
  expect(statsText(totals, 'eth0').split('\n')).toContain(line);
});

test('packets of connections that do not spin are not measurable, by name', () => {
  const counters = countersOf({
    ...{ egress: 60, ingress: 40, bytes: 10_000, unmeasurableBytes: 9_000 },
    ...{ noSpin: 80, spinBit: 6, handshake: 10, reset: 4 },
  });
  const lines = summaryText(runTotals({ counters }), 'eth0', true).split('\n');
  expect(lines).toContain('measurable: 16 % of packets and 10 % of bytes');
  expect(lines).toContain('not measurable: 80 packets of QUIC without spin, 4 RSTs');
  expect(lines).toContain('  QUIC without spin    80   80.0 %');
  expect(lines).toContain('  QUIC that spins       6    6.0 %');
});

test('behind a filter they are among those that were let through', () => {
  const counters = countersOf({ egress: 100, filtered: 50, noSpin: 40, handshake: 10 });
  const lines = summaryText(runTotals({ counters }), 'eth0', false).split('\n');
  expect(lines).toContain('measurable: 20 % of the packets that were let through');
  expect(lines).toContain('not measurable: 40 packets of QUIC without spin');
});
