import { expect, test } from '@jest/globals';
import { forgetOldest } from '../src/forget-oldest.js';

const filled = (count: number) => new Map(Array.from({ length: count }, (_, at) => [at, at]));

test('nothing is forgotten as long as there is room', () => {
  const entries = filled(31);
  forgetOldest(entries, 32);
  expect(entries.size).toBe(31);
});

test.each([
  [1, 1],
  [2, 1],
  [32, 2],
  [65_536, 4_096],
])('of %d entries the oldest %d are forgotten', (most, gone) => {
  const entries = filled(most);
  forgetOldest(entries, most);
  expect(entries.size).toBe(most - gone);
  expect([entries.has(gone - 1), entries.has(gone)]).toEqual([false, gone < most]);
});

test('of a set the same are forgotten', () => {
  const entries = new Set(filled(32).keys());
  forgetOldest(entries, 32);
  expect([...entries]).toEqual([...filled(32).keys()].slice(2));
});

test('of none there is none to forget', () => {
  const entries = filled(0);
  forgetOldest(entries, 0);
  expect(entries.size).toBe(0);
});
