import { expect, test } from '@jest/globals';
import { Rate } from '../../src/screen/rate.js';

/** Read twice a second. @returns what was read */
function readings(...totals: readonly number[]): number[] {
  const rate = new Rate();
  return totals.map((total, index) => rate.read(total, 7e15 + index * 500e6));
}

test('there is none until something was read twice', () => {
  expect(readings(1_201, 1_201)).toEqual([0, 0]);
});

test('it is per second', () => {
  expect(readings(0, 50, 100)).toEqual([0, 100, 100]);
});

test('it is of the last five readings: a jump is smoothed, and over after two seconds', () => {
  expect(readings(0, 0, 0, 0, 800, 800, 800, 800, 800)).toEqual([
    0, 0, 0, 0, 400, 400, 400, 400, 0,
  ]);
});

test('two readings at once are none', () => {
  const rate = new Rate();
  expect([rate.read(5, 1e9), rate.read(7, 1e9)]).toEqual([0, 0]);
});
