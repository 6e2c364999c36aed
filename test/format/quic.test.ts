import { expect, test } from '@jest/globals';
import { NO_CONNECTIONS, type QuicConnections } from '../../src/core/quic-connections.js';
import { quicLines } from '../../src/format/quic.js';
import { statsText, summaryText } from '../../src/format/summary.js';
import { countersOf, runTotals } from '../helpers/events/events.js';

const lineOf = (quic: Partial<QuicConnections>) =>
  quicLines(runTotals({ quic: { ...NO_CONNECTIONS, ...quic } }));

test('how many connections spin, and what the others do', () => {
  expect(lineOf({ valid: 3, random: 1, none: 8 })).toEqual([
    'QUIC: 12 connections, 3 spinning; the others: 1 random, 8 unknown',
  ]);
  expect(lineOf({ valid: 1, constant: 1 })).toEqual([
    'QUIC: 2 connections, 1 spinning; the others: 1 constant',
  ]);
  expect(lineOf({ valid: 2 })).toEqual(['QUIC: 2 connections, 2 spinning']);
});

test('where none does, it says what there are RTTs of', () => {
  expect(lineOf({ none: 11 })).toEqual([
    'QUIC: 11 connections, none known to spin: only handshakes can be measured',
  ]);
  expect(lineOf({ random: 1, none: 2 })).toEqual([
    'QUIC: 3 connections, none known to spin (1 random, 2 unknown): only handshakes can be measured',
  ]);
});

test('nothing where there was none, or it was not asked for', () => {
  expect(quicLines(runTotals({ quic: NO_CONNECTIONS }))).toEqual([]);
  expect(quicLines(runTotals())).toEqual([]);
});

test('it is a line of the summary, and of statistics', () => {
  const totals = runTotals({ quic: { ...NO_CONNECTIONS, none: 2 } });
  const line = 'QUIC: 2 connections, none known to spin: only handshakes can be measured';
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
  expect(lines).toContain('not measurable: 80 QUIC packets without a proven spin bit, 4 RSTs');
  expect(lines).toContain('  QUIC spin unproven   80   80.0 %');
  expect(lines).toContain('  QUIC spin active      6    6.0 %');
});

test('behind a filter they are among those that were let through', () => {
  const counters = countersOf({ egress: 100, filtered: 50, noSpin: 40, handshake: 10 });
  const lines = summaryText(runTotals({ counters }), 'eth0', false).split('\n');
  expect(lines).toContain('measurable: 20 % of the packets that passed the filter');
  expect(lines).toContain('not measurable: 40 QUIC packets without a proven spin bit');
});
