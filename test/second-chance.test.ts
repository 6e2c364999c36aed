import { expect, test } from '@jest/globals';
import { SecondChance } from '../src/second-chance.js';

test('the next one round makes room that was not used since it was passed', () => {
  const chances = new SecondChance(4);
  for (const at of [0, 2]) chances.use(at);
  expect([1, 2, 3, 4].map(() => chances.next(4))).toEqual([1, 3, 0, 1]);
});

test('where all were used, the first that was passed does', () => {
  const chances = new SecondChance(3);
  for (const at of [0, 1, 2]) chances.use(at);
  expect([chances.next(3), chances.next(3)]).toEqual([0, 1]);
});

test('what was used is still so with more room', () => {
  const chances = new SecondChance(2);
  chances.use(0);
  chances.grow(4);
  chances.use(3);
  expect([1, 2, 3].map(() => chances.next(4))).toEqual([1, 2, 0]);
});
