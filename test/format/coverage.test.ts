import { expect, test } from '@jest/globals';
import { coverageLines, unmeasuredLines } from '../../src/format/coverage.js';
import { peerLines } from '../../src/format/groups.js';
import { Totals } from '../../src/summary/totals.js';
import { flowEvent, ipv4, rttEvent, runTotals } from '../helpers/events/events.js';

const SERVER = ipv4('10.0.0.7');
const NONE = { sentBytes: 0, recBytes: 0 };

/** 9 kB in a flow with RTTs, and 1 kB in two without. */
function totals(): Totals {
  const all = new Totals();
  all.accept(rttEvent({ srcAddress: SERVER, ipVersion: 4, ...NONE, sentBytes: 9_000 }));
  const lost = { change: 'closing', reason: 'RST', unmeasuredDest: 'unanswered' } as const;
  for (const sentBytes of [400, 600]) {
    all.accept(flowEvent({ ...lost, destAddress: SERVER, ipVersion: 4, ...NONE, sentBytes }));
  }
  return all;
}

test('below its table a host has a line, if not all of it was measured, and why', () => {
  const [side] = totals().with(runTotals()).sides;
  const lines = side && peerLines(side);
  expect(lines?.at(-1)).toBe(
    '  10.0.0.7: 1 of 3 flows and 90 % of bytes measured (no answer seen)',
  );
  expect(lines).toHaveLength(3);
});

test('otherwise it has none', () => {
  const all = new Totals();
  all.accept(rttEvent());
  expect(coverageLines(all.with(runTotals()).sides[0]?.peers.worst ?? [])).toEqual([]);
});

test('hosts without any RTT are one line', () => {
  const hosts = {
    hosts: 3,
    flows: 12,
    bytes: 1.2e9,
    forgotten: 0,
    reason: 'one direction',
  } as const;
  expect(unmeasuredLines(hosts)).toEqual([
    'hosts without an RTT: 3 with 1.2 GB in 12 flows (seen in one direction only)',
  ]);
  expect(unmeasuredLines({ ...hosts, forgotten: 1 })[0]).toMatch(
    /^hosts without an RTT: at least 3 /,
  );
  expect(unmeasuredLines(undefined)).toEqual([]);
});
