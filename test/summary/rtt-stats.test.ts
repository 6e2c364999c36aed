import { expect, test } from '@jest/globals';
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

test('the median and the 99th percentile are of the RTTs that tell the path', () => {
  const stats = new RttStats();
  for (let time = 0; time < 20; time++) {
    const each = { intervalMinRtt: 10, minRtt: 1 };
    expect(stats.record(rttEvent({ ...each, rtt: 10 }))).toBe(time > 0 ? 'dataLater' : 'none');
    expect(stats.record(rttEvent({ ...each, rtt: 60, answer: 'data' }))).toBe('dataLater');
  }
  expect(stats).toMatchObject({ samples: 40, least: 10, median: 10, p99: 10, queueing: 0 });
});
