import { expect, test } from '@jest/globals';
import { WindowedLeast } from '../../src/summary/windowed-least.js';

const WINDOW = 100;

/** What is told after each RTT. */
function leasts(window: number, ...rtts: readonly [rtt: number, now: number][]): number[] {
  const least = new WindowedLeast(window);
  return rtts.map(([rtt, now]) => {
    least.record(rtt, now);
    return least.value;
  });
}

test('has none at first', () => {
  expect(new WindowedLeast(WINDOW).value).toBe(Number.POSITIVE_INFINITY);
});

test('what is lower holds at once, what is higher after half a window to a whole one', () => {
  expect(leasts(WINDOW, [10, 0], [60, 49], [60, 50], [60, 99], [60, 100], [5, 101])).toEqual([
    10, 10, 10, 10, 60, 5,
  ]);
});

test('what comes at the end of a half holds for half a window only', () => {
  expect(leasts(WINDOW, [60, 0], [10, 49], [60, 50], [60, 99], [60, 100])).toEqual([
    60, 10, 10, 10, 60,
  ]);
});

test('after a window without RTTs nothing is left of before', () => {
  expect(leasts(WINDOW, [10, 0], [10, 20], [60, 99], [60, 205], [90, 305])).toEqual([
    10, 10, 10, 60, 90,
  ]);
});

test('a time a little before the last one changes nothing; a clock set back begins anew', () => {
  expect(leasts(WINDOW, [10, 1000], [60, 990], [60, 0], [50, 10])).toEqual([10, 10, 60, 50]);
});

test('without a window nothing is forgotten', () => {
  expect(leasts(0, [10, 0], [60, 1e18])).toEqual([10, 10]);
});
