import { expect, test } from '@jest/globals';
import { Collector } from '../../src/report/collector.js';
import { RUN_START_S, rttLine } from '../helpers/events/runs.js';

interface Said {
  readonly quic?: unknown;
  readonly final?: boolean;
  readonly interface?: string;
  readonly samples?: number;
}

const summary = (fields: Said) => {
  const timed = { type: 'summary', timestamp: RUN_START_S * 1e9, interface: 'eth0', final: true };
  return JSON.stringify({ ...timed, dropped_lines: 0, ...fields });
};
const of = (connections: number, valid: number) => ({
  connections,
  spin: { none: connections - valid, constant: 0, random: 0, valid },
});

function remarks(...lines: readonly string[]): readonly string[] {
  const collector = new Collector();
  for (const line of lines) collector.take(line);
  return collector.finish().facts.remarks;
}

test('how many connections of QUIC spin, and that of the others there are handshakes only', () => {
  const rtt = rttLine({ atMs: 1, rtt: 5 });
  expect(remarks(rtt, summary({ quic: of(12, 3) }))).toEqual([
    'QUIC: 3 of 12 connections known to spin; the others have handshake RTTs at most',
  ]);
  expect(remarks(rtt, summary({ quic: of(2, 1) }))).toEqual([
    'QUIC: 1 of 2 connections known to spin; the others have handshake RTTs at most',
  ]);
  expect(remarks(rtt, summary({ quic: of(1, 0) }))).toEqual([
    'QUIC: none of 1 connection known to spin; these have handshake RTTs at most',
  ]);
});

test('nothing where all spin, or there is none, or it says nothing that is known', () => {
  for (const quic of [of(3, 3), undefined, null, 5, {}, { connections: 3 }, { connections: -1 }]) {
    expect(remarks(summary({ quic }))).toEqual([]);
  }
});

test('runs add up, and of one the last summary counts', () => {
  const running = { final: false };
  expect(
    remarks(
      summary({ quic: of(1, 1), ...running }),
      summary({ quic: of(4, 1) }),
      summary({ quic: of(2, 1), ...running }),
      summary({ quic: of(6, 2), ...running }),
      summary({ quic: of(5, 0), ...running, interface: 'eth1' }),
    ),
  ).toEqual(['QUIC: 3 of 15 connections known to spin; the others have handshake RTTs at most']);
});

test('a run that was killed counts, too: the one after it counts fewer samples', () => {
  const running = { final: false };
  const killed = summary({ quic: of(4, 1), samples: 10, ...running });
  expect(remarks(killed, summary({ quic: of(6, 2), samples: 3 }))).toEqual([
    'QUIC: 3 of 10 connections known to spin; the others have handshake RTTs at most',
  ]);
});

test('beside aggregates, too', () => {
  const collector = new Collector();
  collector.take(summary({ quic: of(2, 0) }));
  expect(collector.finishAggregates().facts.remarks).toEqual([
    'QUIC: none of 2 connections known to spin; these have handshake RTTs at most',
  ]);
});
