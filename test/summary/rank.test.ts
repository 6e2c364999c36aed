import { expect, test } from '@jest/globals';
import { nearestRank } from '../../src/summary/rank.js';

test.each([
  [0, 10, 1],
  [50, 1, 1],
  [50, 2, 1],
  [50, 3, 2],
  [90, 10, 9],
  [90, 11, 10],
  [99, 100, 99],
  [99, 101, 100],
  [100, 7, 7],
])('%d %% of %d values', (percent, count, rank) => {
  expect(nearestRank(percent, count)).toBe(rank);
});

test.each([
  [7, 100, 7],
  [28, 25, 7],
  [99.9, 1000, 999],
])('%d %% of %d is no fraction more for want of accuracy', (percent, count, rank) => {
  expect(nearestRank(percent, count)).toBe(rank);
});
