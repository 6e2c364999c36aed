/** Figures of one interval after another. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import type { SeenAtOf } from '../../src/events/places.js';
import type { KernelEvent } from '../../src/events/types.js';
import { type By, Intervals, MOST_PEERS } from '../../src/summary/intervals.js';
import { Totals } from '../../src/summary/totals.js';
import {
  flowEvent,
  ipv4,
  NO_LOSSES,
  overdueEvent,
  rttEvent,
  runTotals,
} from '../helpers/events/events.js';

const MS = 1_000_000;

let totals: Totals;
let intervals: Intervals;

function begin(by?: By, seenAtOf?: SeenAtOf): void {
  totals = new Totals({ seenAtOf });
  intervals = new Intervals(totals, 'beyond', by, seenAtOf);
}

beforeEach(() => begin());

/** As the pump does. */
function accept(...events: readonly KernelEvent[]): void {
  for (const event of events) {
    totals.accept(event);
    intervals.accept(event);
  }
}

test('an interval has its own RTTs, and none of those before', () => {
  accept(rttEvent({ rtt: 10 }), rttEvent({ rtt: 30 }), rttEvent({ rtt: 20, samples: 4 }));
  expect(intervals.take()).toMatchObject([
    {
      ...{ side: 'beyond', samples: 6, reported: 3, overdue: 0 },
      path: {
        kind: 'all',
        reported: 3,
        rtt: { min: 10, p50: 20, p90: 30, p95: 30, p99: 30, max: 30 },
      },
    },
  ]);
  accept(rttEvent({ rtt: 7 }));
  expect(intervals.take()).toMatchObject([{ samples: 1, path: { rtt: { min: 7, max: 7 } } }]);
});

test('an interval without an RTT is told, and has no percentiles', () => {
  const nothing = { side: 'beyond', samples: 0, reported: 0, overdue: 0, path: undefined };
  expect(intervals.take()).toMatchObject([nothing]);
  accept(flowEvent());
  expect(intervals.isEmpty).toBe(true);
  expect(intervals.take()).toMatchObject([nothing]);
});

test('a side is told from its first RTT on, and the expected one until there is any', () => {
  accept(rttEvent({ matchOnEgress: true }));
  expect(intervals.take()).toMatchObject([{ side: 'behind', samples: 1 }]);
  accept(rttEvent());
  expect(intervals.take()).toMatchObject([
    { side: 'beyond', samples: 1 },
    { side: 'behind', samples: 0 },
  ]);
  expect(intervals.take().map(({ side }) => side)).toEqual(['beyond', 'behind']);
});

test('what is overdue is in the percentiles with what it has waited for, and is no sample', () => {
  accept(rttEvent({ rtt: 5 }), overdueEvent({ waited: 2_000 }));
  expect(intervals.isEmpty).toBe(false);
  expect(intervals.take()).toMatchObject([
    { samples: 1, reported: 1, overdue: 1, path: { reported: 1, rtt: { p50: 5, max: 2_000 } } },
  ]);
  accept(overdueEvent({ waited: 2_000 }));
  expect(intervals.take()).toMatchObject([
    { samples: 0, overdue: 1, path: { reported: 0, rtt: { p50: 2_000 } } },
  ]);
});

test('bytes that were sent, and sent again, are counted since the last RTT of each flow', () => {
  begin('peer');
  const of = (flowId: number, sentBytes: number, retransmittedBytes: number) =>
    rttEvent({
      ...{ flowId, sentBytes, recBytes: 0, recLosses: NO_LOSSES },
      sentLosses: { ...NO_LOSSES, retransmittedBytes },
    });
  accept(of(1, 1_000, 10), of(1, 3_000, 20), of(2, 5_000, 0));
  const first = { resent: { bytes: 8_000, again: 20 } };
  expect(intervals.take()).toMatchObject([first, first]);
  accept(of(1, 4_000, 520), overdueEvent({ flowId: 2 }));
  const second = { resent: { bytes: 1_000, again: 500 } };
  expect(intervals.take()).toMatchObject([second, second]);
  expect(intervals.take()).toMatchObject([{ resent: { bytes: 0, again: 0 } }]);
});

describe('the RTTs that tell the path', () => {
  const slowServer = () => {
    for (let n = 0; n < 30; n++) {
      accept(rttEvent({ rtt: 10 * MS }), rttEvent({ rtt: 60 * MS, answer: 'data' }));
    }
  };

  test('are those that the totals have found, however few an interval has', () => {
    slowServer();
    expect(totals.with(runTotals()).sides).toMatchObject([{ path: { kind: 'kernel' } }]);
    expect(intervals.take()).toMatchObject([{ reported: 60, path: { kind: 'kernel' } }]);
    accept(rttEvent({ rtt: 11 * MS }), rttEvent({ rtt: 61 * MS, answer: 'data' }));
    expect(intervals.take()).toMatchObject([
      { samples: 2, reported: 2, path: { kind: 'kernel', reported: 1, rtt: { max: 11 * MS } } },
    ]);
  });

  test('are all where an interval has none of those', () => {
    slowServer();
    intervals.take();
    accept(rttEvent({ rtt: 61 * MS, answer: 'data' }));
    expect(intervals.take()).toMatchObject([{ path: { kind: 'all', reported: 1 } }]);
  });

  test('are found for each host, too', () => {
    begin('peer');
    slowServer();
    intervals.take();
    accept(rttEvent({ rtt: 11 * MS }), rttEvent({ rtt: 61 * MS, answer: 'data' }));
    const [, peer] = intervals.take();
    expect(peer).toMatchObject({ reported: 2, path: { kind: 'kernel', reported: 1 } });
  });
});

describe('by peer', () => {
  beforeEach(() => begin('peer'));

  const host = (n: number) => ipv4(`10.0.${n >> 8}.${n & 255}`);
  const rttOf = (n: number, rtt: number) => rttEvent({ flowId: n, srcAddress: host(n), rtt });
  const lastBytes = () => intervals.take().map(({ peer }) => peer?.address.at(-1));

  test('each has its own figures below those of all, the one with the longest p99 first', () => {
    accept(rttOf(1, 10), rttOf(2, 30), rttOf(2, 20), rttOf(3, 25));
    accept(overdueEvent({ flowId: 1, srcAddress: host(1), waited: 28 }));
    const figures = intervals.take();
    expect(figures[0]).toMatchObject({ samples: 4, overdue: 1, peers: { size: 3, told: 3 } });
    expect(figures.slice(1)).toMatchObject([
      { peer: { address: host(2), ipVersion: 4 }, samples: 2, path: { rtt: { min: 20, max: 30 } } },
      { peer: { address: host(1) }, samples: 1, overdue: 1, path: { rtt: { max: 28 } } },
      { peer: { address: host(3) }, samples: 1, overdue: 0, path: { rtt: { max: 25 } } },
    ]);
  });

  test('only those of the interval are told', () => {
    accept(rttOf(1, 10), rttOf(2, 30));
    expect(lastBytes()).toEqual([undefined, 2, 1]);
    accept(rttOf(1, 10));
    expect(lastBytes()).toEqual([undefined, 1]);
    expect(lastBytes()).toEqual([undefined]);
  });

  test('of many the ten worst are told, and how many there are', () => {
    for (let n = 1; n <= 17; n++) accept(rttOf(n, n));
    const [all, ...worst] = intervals.take();
    expect(all).toMatchObject({ samples: 17, peers: { size: 17, told: 10 } });
    expect(worst.map(({ path }) => path?.rtt.max)).toEqual([17, 16, 15, 14, 13, 12, 11, 10, 9, 8]);
  });

  test('the worst are found by their p99, also where others have a longer outlier', () => {
    const random = new Random(7);
    const p99s = new Map<number, number>();
    for (let n = 1; n <= 40; n++) {
      // Of 200 RTTs the longest is not the 99th percentile; of 20 it is. So few nanoseconds are exact.
      const rtts = Array.from({ length: n % 2 ? 200 : 20 }, () => 1 + random.below(2 * n));
      if (n % 2) rtts.push(200 - n);
      accept(...rtts.map((rtt) => rttOf(n, rtt)));
      rtts.sort((a, b) => a - b);
      p99s.set(n, rtts[Math.ceil(0.99 * rtts.length) - 1] ?? 0);
    }
    const worst = [...p99s.values()].sort((a, b) => b - a).slice(0, 10);
    const told = intervals.take().slice(1);
    expect(told.map(({ path }) => path?.rtt.p99)).toEqual(worst);
    expect(told.map(({ peer }) => p99s.get(peer?.address.at(-1) ?? 0))).toEqual(worst);
  });

  test('the memory of one interval is bounded; further hosts are in the figures of all', () => {
    for (let n = 1; n <= MOST_PEERS + 3; n++) accept(rttOf(n, n));
    expect(intervals.take()[0]).toMatchObject({
      samples: MOST_PEERS + 3,
      peers: { size: MOST_PEERS, told: 10, isFull: true },
    });
  });
});

describe('of places', () => {
  const seenAtOf: SeenAtOf = (place) =>
    place === 9 ? undefined : { capture: undefined, interface: `eth${place}` };

  beforeEach(() => begin('interface', seenAtOf));

  test('each has its own figures, the one with the longest p99 first', () => {
    accept(
      rttEvent({ flowId: 1, place: 0, rtt: 5 * MS }),
      rttEvent({ flowId: 2, place: 1, rtt: 50 * MS }),
      rttEvent({ flowId: 3, place: 9, rtt: 7 * MS }),
    );
    expect(intervals.take()).toMatchObject([
      { samples: 3, places: { size: 3, told: 3 } },
      { samples: 1, place: { seenAt: { interface: 'eth1' } }, path: { rtt: { max: 50 * MS } } },
      { samples: 1, place: { seenAt: undefined }, path: { rtt: { max: 7 * MS } } },
      { samples: 1, place: { seenAt: { interface: 'eth0' } }, path: { rtt: { max: 5 * MS } } },
    ]);
    expect(intervals.take()).toMatchObject([{ samples: 0, places: { size: 0, told: 0 } }]);
  });

  test('where there is but one without a name it is not told twice', () => {
    begin('interface');
    accept(rttEvent({ flowId: 1, place: 0 }), rttEvent({ flowId: 2, place: 1 }));
    expect(intervals.take()).toMatchObject([{ samples: 2, places: { size: 1, told: 1 } }]);
    expect(intervals.take()).toMatchObject([{ samples: 0, places: { size: 0, told: 0 } }]);
  });

  test('which RTTs tell the path is decided for each by itself', () => {
    for (let count = 0; count < 30; count++) {
      accept(
        rttEvent({ flowId: 1, place: 0, rtt: 10 * MS, answer: 'ack' }),
        rttEvent({ flowId: 1, place: 0, rtt: 30 * MS, answer: 'data' }),
        rttEvent({ flowId: 2, place: 1, rtt: 50 * MS, answer: 'ack' }),
        rttEvent({ flowId: 2, place: 1, rtt: 20 * MS, answer: 'data' }),
      );
    }
    const [, ...places] = intervals.take();
    const kinds = places.map(({ place, path }) => [place?.seenAt?.interface, path?.kind]);
    expect(Object.fromEntries(kinds)).toEqual({ eth0: 'kernel', eth1: 'data' });
  });
});
