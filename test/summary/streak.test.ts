import { expect, test } from '@jest/globals';
import { Streak } from '../../src/summary/streak.js';

test('a streak lasts from when it is so without a break', () => {
  const streak = new Streak();
  expect(streak.extend(false, 1)).toBeNaN();
  expect([2, 5, 9].map((time) => streak.extend(true, time))).toEqual([0, 3, 7]);
  expect(streak.extend(false, 20)).toBeNaN();
  expect(streak.extend(true, 30)).toBe(0);
  expect(streak.longest).toBe(7);
});

test('a clock that was set back begins it anew', () => {
  const streak = new Streak();
  streak.extend(true, 100);
  expect(streak.extend(true, 50)).toBe(0);
  expect(streak.extend(true, 53)).toBe(3);
});
