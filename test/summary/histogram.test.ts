import { describe, expect, test } from '@jest/globals';
import { Histogram } from '../../src/summary/histogram.js';
import { newRandom } from '../helpers/random.js';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const median = (...values: number[]) => histogramOf(values).percentile(50);

test('of nothing there is no percentile', () => {
  expect(median()).toBeNaN();
});

describe('one value is every percentile of itself', () => {
  const powers = Array.from({ length: 54 }, (_, power) => 2 ** power);
  const around = powers.flatMap((power) => [power - 1, power, power + 1]);
  test.each(around.filter((value) => value <= 2 ** 53))('%d', (value) => {
    const histogram = histogramOf([value]);
    expect([0, 50, 100].map((percent) => histogram.percentile(percent))).toEqual(
      Array(3).fill(value),
    );
  });
});

test('values below 4096 are exact', () => {
  const values = Array.from({ length: 4096 }, (_, value) => value);
  const histogram = histogramOf(values);
  for (const percent of [1, 10, 50, 99.9, 100]) {
    expect(histogram.percentile(percent)).toBe(Math.ceil((percent / 100) * 4096) - 1);
  }
});

test('others are close to the truth, wherever they are', () => {
  const random = newRandom();
  for (let round = 0; round < 10_000; round++) {
    const value = Math.floor(2 ** (random.below(53_000) / 1_000));
    // The extremes are kept exactly: these are not to help.
    const seen = median(0, value, 2 ** 53);
    expect({ seed: random.seed, value, isClose: Math.abs(seen - value) <= value / 4_000 }).toEqual({
      ...{ seed: random.seed, value, isClose: true },
    });
  }
});

test('each is counted', () => {
  const histogram = histogramOf([...Array(99).fill(5), 1_000_000]);
  expect([99, 99.1].map((percent) => histogram.percentile(percent))).toEqual([5, 1_000_000]);
});
