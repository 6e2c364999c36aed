import { expect, test } from '@jest/globals';
import { COUNTERS } from '../../src/events/counters.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import type { Notice } from '../../src/format/formatter.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { countersOf, governorNotice, runTotals } from '../helpers/events.js';

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
  const counters = countersOf(Object.fromEntries(COUNTERS.map((name, index) => [name, index])));
  const totals = runTotals({
    samples: 12,
    reported: 3,
    flows: 2,
    rtt: { p50: 1, p95: 2, p99: 3 },
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
    ...{ type: 'summary', timestamp: 1_000_000_001, interface: 'eth0', final: true },
    ...{ samples: 12, reported: 3, flows: 2, rtt_p50: 1, rtt_p95: 2, rtt_p99: 3, unanswered: 22 },
    ...{ waiting: 11 },
    ...{ flow_entries: 5, max_flows: 7, timestamp_entries: 6, max_timestamps: 8 },
    ...{ dropped_lines: 9, undecodable: 10 },
    counters: {
      ...{ egress: 0, ingress: 1, captured: 2, pure_ack: 3, identifier_not_new: 4 },
      ...{ rate_limited: 5, remembered: 6, local: 7, timestamp_map_full: 8, not_ip: 9 },
      ...{ not_tcp: 10, fragment: 11, malformed: 12, truncated: 13, no_timestamp: 14 },
      ...{ reset: 15, handshake: 16, lingering: 17, flow_map_full: 18, matched: 19 },
      ...{ handshake_matched: 20, no_match: 21, unanswered: 22, rtt_events_lost: 23 },
      ...{ flow_events_lost: 24 },
    },
  });
});

test('a summary without an RTT has no percentiles', () => {
  const line = lineOf({ type: 'summary', timestamp: 1n, final: false, totals: runTotals() });
  expect(JSON.parse(line)).toMatchObject({ final: false, samples: 0 });
  expect(line).not.toContain('rtt_p');
});

test('a summary says what pping itself cost, where that was measured', () => {
  const hook = (packets: number, ns: number) => ({ packets, ns });
  const selfCost = { egress: hook(1, 2), ingress: hook(3, 4), readerNs: 5, elapsedNs: 6 };
  const totals = runTotals({ selfCost });
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  expect(JSON.parse(line).self_cost).toEqual({
    ...{ egress_packets: 1, egress_ns: 2, ingress_packets: 3, ingress_ns: 4 },
    ...{ reader_ns: 5, elapsed_ns: 6 },
  });
});
