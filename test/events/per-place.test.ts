import { expect, test } from '@jest/globals';
import { PerPlace } from '../../src/events/per-place.js';

function counting() {
  const made: number[] = [];
  const values = new PerPlace((place) => `${place} ${made.push(place)}`);
  return { made, values };
}

test('is made once for each place', () => {
  const { made, values } = counting();
  expect([3, 7, 3, 0, 7, 0].map((place) => values.of(place))).toEqual([
    '3 1',
    '7 2',
    '3 1',
    '0 3',
    '7 2',
    '0 3',
  ]);
  expect(made).toEqual([3, 7, 0]);
});

test('is made anew for each once all are forgotten', () => {
  const { made, values } = counting();
  for (const place of [1, 2]) values.of(place);
  values.forgetAll();
  expect([2, 1, 2].map((place) => values.of(place))).toEqual(['2 3', '1 4', '2 3']);
  expect(made).toEqual([1, 2, 2, 1]);
});
