/** Which route it is that has changed. */
import { expect, test } from '@jest/globals';
import type { RttEvent } from '../../src/events/types.js';
import type { RouteChange } from '../../src/summary/routes.js';
import { Totals } from '../../src/summary/totals.js';
import { DOCUMENTATION_A, ipv4, rttEvent } from '../helpers/events/events.js';

const MS = 1e6;
const SECOND = 1e9;
const HOST = ipv4('192.0.2.1');

let totals: Totals;

/** An RTT a second, from `from` up to `to`, in seconds. */
function show(from: number, to: number, ms: number, ...events: readonly Partial<RttEvent>[]): void {
  for (let second = from; second < to; second++) {
    for (const event of events) {
      const timestamp = BigInt(second * SECOND);
      const rtt = ms * MS;
      totals.accept(rttEvent({ timestamp, rtt, intervalMinRtt: rtt, ...event }));
    }
  }
}

function told(): Partial<RouteChange>[] {
  return totals.takeRouteChanges().map(({ side, place, address, before, after }) => {
    return { side, place, address, before: before / MS, after: after / MS };
  });
}

test('that of the host, with all its flows, told once', () => {
  totals = new Totals();
  show(0, 60, 10, { flowId: 1 });
  show(60, 400, 60, { flowId: 2, srcPort: 80 }, { flowId: 3, srcAddress: DOCUMENTATION_A });
  const change = { side: 'beyond', place: 0, address: HOST, before: 10, after: 60 };
  expect(told()).toEqual([change]);
  show(400, 800, 60, { flowId: 2, srcPort: 80 });
  expect(told()).toEqual([]);
});

test('of a host that is near in one flow there is no longer route', () => {
  totals = new Totals();
  show(0, 60, 10, { flowId: 1 });
  for (let at = 60; at < 600; at += 20) {
    show(at, at + 20, 60, { flowId: 2 });
    show(at, at + 1, 10, { flowId: 1 });
  }
  expect(told()).toEqual([]);
});

test('each side and each place has its own', () => {
  totals = new Totals();
  const [out, back] = [{ matchOnEgress: false }, { flowId: 8, matchOnEgress: true }];
  const [tagged, unknown] = [
    { flowId: 9, place: 4 },
    { flowId: 10, matchOnEgress: undefined },
  ];
  show(0, 60, 10, out, back, tagged, unknown);
  show(60, 700, 60, out, tagged, unknown);
  show(60, 700, 10, back);
  expect(told()).toEqual([
    { side: 'beyond', place: 0, address: HOST, before: 10, after: 60 },
    { side: 'beyond', place: 4, address: HOST, before: 10, after: 60 },
    { side: 'unknown', place: 0, address: HOST, before: 10, after: 60 },
  ]);
});

test('the least of those that were held back counts', () => {
  totals = new Totals();
  show(0, 60, 10, {});
  show(60, 700, 60, { samples: 9, intervalMinRtt: 10 * MS });
  expect(told()).toEqual([]);
});

test('after the window that was asked for; without one never', () => {
  totals = new Totals({ window: 20 * SECOND });
  show(0, 10, 10, {});
  show(10, 40, 60, {});
  expect(told()).toHaveLength(1);
  totals = new Totals({ window: 0 });
  show(0, 60, 10, {});
  show(60, 4000, 60, {});
  expect(told()).toEqual([]);
});

test('where hosts are told alike there is none', () => {
  totals = new Totals({ hasRoutes: false });
  show(0, 60, 10, { flowId: 1 });
  show(60, 400, 60, { flowId: 2, srcPort: 80 });
  expect(told()).toEqual([]);
});
