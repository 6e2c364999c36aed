import { expect, test } from '@jest/globals';
import { Backoff } from '../../src/upload/backoff.js';
import { LIMITS } from '../../src/upload/limits.js';

const limits = { ...LIMITS, firstDelay: 500, mostDelay: 30_000 };
const delays = (backoff: Backoff, count: number) =>
  Array.from({ length: count }, () => backoff.next());

test.each([
  [0, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]],
  [0.5, [375, 750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500]],
  [1, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
])('doubles up to the longest; chance (%d) decides over a half of it', (chance, expected) => {
  expect(delays(new Backoff(limits, () => chance), 8)).toEqual(expected);
});

test('begins anew after a success', () => {
  const backoff = new Backoff(limits, () => 0);
  delays(backoff, 5);
  backoff.reset();
  expect(delays(backoff, 2)).toEqual([250, 500]);
});

test('never exceeds the longest, however often it fails', () => {
  const all = delays(new Backoff(limits), 5_000);
  expect(Math.max(...all)).toBeLessThanOrEqual(30_000);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(250);
});
