import { expect, test } from '@jest/globals';
import { COUNTERS } from '../../src/core/layouts.js';
import { NO_CONNECTIONS } from '../../src/core/quic-connections.js';
import type { Answer } from '../../src/events/types.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import type { Notice } from '../../src/format/formatter.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { type AggregateFigures, Aggregates } from '../../src/summary/aggregates.js';
import { Totals } from '../../src/summary/totals.js';
import { aggregateOf } from '../helpers/events/aggregates.js';
import {
  countersOf,
  governorNotice,
  overdueEvent,
  rttEvent,
  runTotals,
} from '../helpers/events/events.js';

function lineOf(notice: Notice): string {
  const chunk = new Chunk();
  new NdjsonFormatter(new Clock(1_000_000_000n), 'eth0').notice(notice, chunk);
  return Buffer.from(chunk.take().bytes).toString();
}

test('a step of the governor, to the byte', () => {
  expect(lineOf(governorNotice())).toBe(
    '{"type":"governor","timestamp":2234567890,"interface":"eth0","map":"timestamps","step":"up",' +
      '"entries":983,"max_entries":1000,"rate":200000000,"rtt_rate":1.5,"flow_timeout":300000000000}\n',
  );
});

test('a summary has the totals, and every counter by the name it has in the docs', () => {
  const counted = Object.fromEntries(COUNTERS.map((name, index) => [name, index]));
  const counters = countersOf({ ...counted, quic: 5, gtpU: 2 });
  const totals = runTotals({
    samples: 12,
    reported: 3,
    flows: 2,
    rtt: { min: 20, p50: 1, p90: 21, p95: 2, p99: 3, max: 22 },
    counters,
    waiting: 11,
    occupancy: { flows: 5, timestamps: 6 },
    capacity: { flows: 7, timestamps: 8 },
    droppedLines: 9,
    undecodable: 10,
  });
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  expect(line.endsWith('}}\n')).toBe(true);
  expect(JSON.parse(line)).toEqual({
    type: 'summary',
    timestamp: 1_000_000_001,
    interface: 'eth0',
    final: true,
    samples: 12,
    reported: 3,
    flows: 2,
    unanswered: COUNTERS.indexOf('unanswered'),
    rtt_min: 20,
    rtt_p50: 1,
    rtt_p90: 21,
    rtt_p95: 2,
    rtt_p99: 3,
    rtt_max: 22,
    waiting: 11,
    flow_entries: 5,
    max_flows: 7,
    timestamp_entries: 6,
    max_timestamps: 8,
    dropped_lines: 9,
    undecodable: 10,
    counters: Object.fromEntries(
      COUNTERS.map((name, index) => [name.replace(/[A-Z]/g, '_$&').toLowerCase(), index]),
    ),
    unread: { quic: 5, gtp_u: 2 },
  });
});

test('a summary has connections of QUIC by their verdict, where there were any', () => {
  const quicIn = (overrides: Parameters<typeof runTotals>[0]) => {
    const totals = runTotals(overrides);
    return JSON.parse(lineOf({ type: 'summary', timestamp: 1n, final: true, totals })).quic;
  };
  expect(quicIn({ quic: { valid: 3, random: 1, constant: 0, none: 8 } })).toEqual({
    connections: 12,
    spin: { none: 8, constant: 0, random: 1, valid: 3 },
  });
  expect(quicIn({ quic: NO_CONNECTIONS })).toBeUndefined();
  expect(quicIn({})).toBeUndefined();
});

test('each side of a summary has its own RTTs', () => {
  const record = new Totals();
  record.accept(rttEvent({ rtt: 5_000, samples: 3 }));
  record.accept(rttEvent({ rtt: 7_000, matchOnEgress: true }));
  const totals = record.with(runTotals());
  const one = (rtt: number) =>
    Object.fromEntries(['min', 'p50', 'p90', 'p95', 'p99', 'max'].map((at) => [`rtt_${at}`, rtt]));
  expect(JSON.parse(lineOf({ type: 'summary', timestamp: 1n, final: true, totals }))).toMatchObject(
    {
      beyond: { samples: 3, peers: 1, ...one(5_000) },
      behind: { samples: 1, peers: 1, ...one(7_000) },
    },
  );
});

test('each side of a summary has its RTTs by what has answered, and those of the path', () => {
  const record = new Totals();
  const accept = (rtt: number, answer: Answer) => record.accept(rttEvent({ rtt, answer }));
  for (let n = 0; n < 20; n++) {
    accept(n < 2 ? 40 : 50, n < 2 ? 'handshake' : 'ack');
    accept(90, 'data');
  }
  record.accept(overdueEvent({ waited: 1_000 }));
  const totals = record.with(runTotals());
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  const { beyond } = JSON.parse(line);
  expect(beyond).toMatchObject({ reported: 40, overdue: 1, rtt_min: 40, rtt_p50: 90 });
  expect(beyond.path).toMatchObject({
    answers: 'kernel',
    reported: 20,
    rtt_p50: 50,
    rtt_max: 1_000,
  });
  expect(beyond.answers).toMatchObject({
    ack: { reported: 18, rtt_min: 50, rtt_max: 50 },
    handshake: { reported: 2, rtt_p99: 40 },
    data: { reported: 20, rtt_p50: 90, rtt_max: 90 },
  });
});

test('a side of a summary where all is overdue says so', () => {
  const record = new Totals();
  record.accept(overdueEvent({ waited: 1_000 }));
  const totals = record.with(runTotals());
  const { beyond } = JSON.parse(lineOf({ type: 'summary', timestamp: 1n, final: true, totals }));
  expect(beyond).toMatchObject({ samples: 0, overdue: 1, peers: 0, reported: 0, rtt_min: 1_000 });
  expect(beyond.path).toMatchObject({ answers: 'all', reported: 0, rtt_max: 1_000 });
  expect(beyond).not.toHaveProperty('answers');
});

test('each side of a summary has the number of its owners, where they are told', () => {
  const record = new Totals({
    attributionOf: ({ flowId }) => ({ owner: { unit: `${flowId}.service` } }),
  });
  for (const flowId of [1, 2, 3]) record.accept(rttEvent({ flowId }));
  const totals = record.with(runTotals());
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  expect(JSON.parse(line).beyond).toMatchObject({ peers: 1, owners: 3 });
  const others = new Totals();
  others.accept(rttEvent());
  const without = { ...totals, sides: others.with(runTotals()).sides };
  expect(lineOf({ type: 'summary', timestamp: 1n, final: true, totals: without })).not.toContain(
    'owners',
  );
});

test('where the core has counted RTTs, it is not known of how many hosts, or by what they were answered', () => {
  const record = new Totals({ attributionOf: () => undefined });
  const [side] = new Aggregates(NO_AGGREGATION, 'beyond').take([aggregateOf()]);
  record.acceptAggregated(side?.all as AggregateFigures);
  const beyondOf = () => {
    const totals = record.with(runTotals());
    return JSON.parse(lineOf({ type: 'summary', timestamp: 1n, final: true, totals })).beyond;
  };
  expect(beyondOf()).toMatchObject({ samples: 12, reported: 10 });
  for (const name of ['overdue', 'peers', 'owners', 'answers'])
    expect(beyondOf()).not.toHaveProperty(name);
  record.accept(rttEvent());
  expect(beyondOf()).toMatchObject({ peers: 1, owners: 1, answers: { ack: { reported: 1 } } });
});

test('a summary without an RTT has no percentiles', () => {
  const line = lineOf({ type: 'summary', timestamp: 1n, final: false, totals: runTotals() });
  expect(JSON.parse(line)).toMatchObject({ final: false, samples: 0 });
  expect(line).not.toContain('rtt_p');
});

test('a summary says what pping itself cost, where that was measured', () => {
  const hook = (packets: number, ns: number) => ({ packets, ns });
  const sockets = { runs: 7, ns: 8 };
  const selfCost = { egress: hook(1, 2), ingress: hook(3, 4), sockets, readerNs: 5, elapsedNs: 6 };
  const totals = runTotals({ selfCost });
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  expect(JSON.parse(line).self_cost).toEqual({
    egress_packets: 1,
    egress_ns: 2,
    ingress_packets: 3,
    ingress_ns: 4,
    socket_runs: 7,
    sockets_ns: 8,
    reader_ns: 5,
    elapsed_ns: 6,
  });
});
