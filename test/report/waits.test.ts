import { expect, test } from '@jest/globals';
import { waitsOf } from '../../src/report/page/waits.js';

/** [seconds, RTT] */
function waits(...samples: readonly [at: number, rtt: number][]): number[] {
  const times = Float64Array.from(samples, ([at]) => at * 1e3);
  const rtts = Float64Array.from(samples, ([, rtt]) => rtt);
  const found = [...waitsOf(rtts, times)];
  expect([...rtts]).toEqual(samples.map(([, rtt]) => rtt));
  return found;
}

test('of nothing none', () => {
  expect(waits()).toEqual([]);
});

test('above the least of their time, which may come later', () => {
  expect(waits([0, 90], [10, 10], [20, 30])).toEqual([80, 0, 20]);
});

test('a route that has become longer is one, half a window to a whole one later', () => {
  expect(waits([0, 10], [149, 60], [150, 60], [299, 70], [300, 65], [301, 60])).toEqual([
    ...[0, 50, 50, 60],
    ...[5, 0],
  ]);
});

test('what was a window ago is not compared with', () => {
  expect(waits([0, 10], [300, 60])).toEqual([0, 0]);
  expect(waits([0, 10], [299, 60])).toEqual([0, 50]);
});
