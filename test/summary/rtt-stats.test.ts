import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/events/types.js';
import { RttStats } from '../../src/summary/rtt-stats.js';
import { rttEvent } from '../helpers/events/events.js';

/** Below 64 ns they are exact. */
function statsOf(...rtts: readonly number[]): RttStats {
  const stats = new RttStats();
  for (const rtt of rtts) stats.record(rttEvent({ rtt, intervalMinRtt: rtt, minRtt: 1 }));
  return stats;
}

test('of nothing there is nothing to say', () => {
  expect(statsOf()).toMatchObject({
    samples: 0,
    least: Number.POSITIVE_INFINITY,
    median: Number.NaN,
  });
});

test('has the least, the median, the 99th percentile, and the time spent in queues', () => {
  const stats = statsOf(20, 10, ...Array(97).fill(40), 60, 60);
  expect(stats).toMatchObject({ samples: 101, least: 10, median: 40, p99: 60, queueing: 30 });
});

test('the least is of what was held back, too, and not of what was before it was watched', () => {
  const stats = statsOf(50);
  stats.record(rttEvent({ rtt: 50, samples: 5, intervalMinRtt: 30, minRtt: 1 }));
  expect(stats).toMatchObject({ samples: 6, least: 30, median: 50, queueing: 20 });
});

test('percentiles are exact to one part in 128', () => {
  const rtts = Array.from({ length: 999 }, (_, index) => 1_000_000 + index * 12_345);
  const stats = statsOf(...rtts);
  for (const [seen, truth = Number.NaN] of [
    [stats.median, rtts[499]],
    [stats.p99, rtts[989]],
  ] as const) {
    expect(Math.abs(seen - truth) / truth).toBeLessThanOrEqual(1 / 128);
  }
});

describe('queueing is above the least of its time', () => {
  const MS = 1e6;
  const MINUTE = 60e9;

  /** RTTs of so many ms, ten a minute, for so many minutes each. */
  function minutesOf(window: number, ...stretches: readonly [minutes: number, ms: number[]][]) {
    const stats = new RttStats(window);
    let now = 0;
    for (const [minutes, rtts] of stretches) {
      for (let index = 0; index < 10 * minutes; index++) {
        const rtt = (rtts[index % rtts.length] as number) * MS;
        stats.record(rttEvent({ rtt, intervalMinRtt: rtt, timestamp: BigInt(now) }));
        now += MINUTE / 10;
      }
    }
    return stats;
  }

  test('a route that has become longer is no queue, once it is older than the other', () => {
    const stats = minutesOf(5 * MINUTE, [1, [10]], [10, [60]]);
    expect(stats).toMatchObject({ samples: 110, least: 10 * MS, queueing: 0 });
    expect(Math.abs(stats.median / (60 * MS) - 1)).toBeLessThan(0.005);
  });

  test('without a window it is one for ever', () => {
    const { queueing } = minutesOf(0, [1, [10]], [10, [60]]);
    expect(Math.abs(queueing / (50 * MS) - 1)).toBeLessThan(0.01);
  });

  test('a queue is one on both routes, however long ago', () => {
    const busy = minutesOf(5 * MINUTE, [20, [10, 30, 30]], [20, [60, 80, 80]], [5, [60]]);
    expect(Math.abs(busy.queueing / (20 * MS) - 1)).toBeLessThan(0.02);
  });

  test('the first RTTs are compared with what comes after them in their window, too', () => {
    const stats = minutesOf(5 * MINUTE, [2, [90]], [1, [10]], [2, [90]]);
    expect(Math.abs(stats.queueing / (80 * MS) - 1)).toBeLessThan(0.01);
  });

  test('what it was is forgotten with the host', () => {
    const stats = minutesOf(5 * MINUTE, [20, [10, 30]]);
    stats.clear();
    expect(stats).toMatchObject({ samples: 0, least: Number.POSITIVE_INFINITY });
    stats.record(rttEvent({ rtt: 50, samples: 1 }));
    expect(stats).toMatchObject({ samples: 1, least: 50, median: 50, queueing: 0 });
  });
});

test('the median and the 99th percentile are of the RTTs that tell the path', () => {
  const stats = new RttStats();
  for (let time = 0; time < 20; time++) {
    const each = { intervalMinRtt: 10, minRtt: 1 };
    expect(stats.record(rttEvent({ ...each, rtt: 10 }))).toBe(time > 0 ? 'dataLater' : 'none');
    expect(stats.record(rttEvent({ ...each, rtt: 60, answer: 'data' }))).toBe('dataLater');
  }
  expect(stats).toMatchObject({ samples: 40, least: 10, median: 10, p99: 10, queueing: 0 });
});

describe('where an application answers, with few answers of a kernel beside it', () => {
  const MS = 1e6;
  const statsOf = (...rtts: readonly (readonly [answer: Answer, ms: number])[]) => {
    const stats = new RttStats();
    for (const [answer, ms] of rtts) {
      stats.record(rttEvent({ rtt: ms * MS, intervalMinRtt: ms * MS, answer }));
    }
    return stats;
  };
  const connection = (handshake: number, data: number) =>
    [['handshake', handshake], ...Array(10).fill(['data', data])] as const;

  test('its time is no queue', () => {
    const stats = statsOf(...connection(1, 30), ...connection(1, 30), ...connection(1, 31));
    expect(stats.least).toBe(MS);
    expect(Math.abs(stats.median / MS - 30)).toBeLessThan(0.2);
    expect(stats.queueing).toBeLessThan(0.2 * MS);
  });

  test('a queue of data alone is one, beside it', () => {
    const stats = statsOf(...connection(1, 30), ...connection(1, 50), ...connection(1, 50));
    expect(Math.abs(stats.queueing / MS - 20)).toBeLessThan(0.3);
  });

  test('a queue that all wait in is one, whatever answers', () => {
    const stats = statsOf(...connection(10, 10), ...connection(60, 60), ...connection(60, 61));
    expect(Math.abs(stats.queueing / MS - 50)).toBeLessThan(0.5);
  });
});

describe('over several windows', () => {
  const MS = 1e6;
  const SECOND = 1e9;

  /** One by a kernel, one with data, and so on; the window is 2 s. @param msOf of the RTT of this number */
  function statsOver(seconds: number, perSecond: number, msOf: (index: number) => number) {
    const stats = new RttStats(2 * SECOND);
    for (let index = 0; index < seconds * perSecond; index++) {
      const rtt = msOf(index) * MS;
      const timestamp = BigInt((index * SECOND) / perSecond);
      const answer = isData(index) ? 'data' : 'ack';
      stats.record(rttEvent({ rtt, intervalMinRtt: rtt, timestamp, answer }));
    }
    return stats;
  }

  const isData = (index: number) => index % 2 > 0;

  function expectNear(seen: number, ms: number): void {
    expect(Math.abs(seen / MS - ms)).toBeLessThan(0.1);
  }

  test.each([
    ['the kernel', 10, 60],
    ['data', 60, 10],
  ])('median, p99 and queueing are of the same RTTs: %s', (_, kernel, data) => {
    const stats = statsOver(10, 8, (index) => (isData(index) ? data : kernel));
    expectNear(stats.median, 10);
    expectNear(stats.p99, 10);
    expectNear(stats.queueing, 0);
  });

  test('but the least that queueing is beyond is of all', () => {
    const stats = statsOver(10, 8, (index) => {
      if (index % 8 === 1) return 10;
      return isData(index) ? 90 : 30;
    });
    expect(stats.least).toBe(10 * MS);
    expectNear(stats.median, 30);
    expectNear(stats.queueing, 20);
  });

  test('RTTs of two half windows are a pair, too', () => {
    expectNear(statsOver(60, 1, (index) => (isData(index) ? 60 : 10)).p99, 10);
  });
});
