/** Against published tables and by brute force: what bench-compare says has to hold. */
import { describe, expect, test } from '@jest/globals';
import { median, ratioInterval, signedRank } from '../../bench/statistics.js';
import { newRandom } from '../../lab/random.js';

describe('the median', () => {
  test.each([
    [[3], 3],
    [[3, 1], 2],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('of nothing is none', () => {
    expect(median([])).toBeNaN();
  });
});

describe('the signed-rank interval', () => {
  test('needs six values', () => {
    expect(signedRank([1, 2, 3, 4, 5])).toEqual({
      value: 3,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
    expect(signedRank([1, 2, 3, 4, 5, 6])).toEqual({ value: 3.5, low: 1, high: 6 });
  });

  // Critical values of the two-sided test at 5 %: Hollander, Wolfe, Chicken, table A.4.
  test.each([
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [11, 10],
    [12, 13],
    [15, 25],
    [20, 52],
  ])('of %d values excludes 0 up to a rank sum of %d', (count, critical) => {
    for (const sum of [critical, critical + 1]) {
      const { low } = signedRank(withNegativeRanks(count, sum));
      expect({ sum, excludes: low > 0 }).toEqual({ sum, excludes: sum <= critical });
    }
  });

  test('holds the truth in about 95 of 100 cases, whatever the distribution', () => {
    const random = newRandom();
    let held = 0;
    const cases = 2_000;
    for (let at = 0; at < cases; at++) {
      // Symmetric around 7, with long tails.
      const values = Array.from({ length: 11 }, () => {
        const sign = random.below(2) === 0 ? 1 : -1;
        return 7 + sign * (1_000 / (1 + random.below(1_000)));
      });
      const { low, high } = signedRank(values);
      if (low <= 7 && high >= 7) held++;
    }
    expect({ seed: random.seed, tooFew: held / cases < 0.93 }).toEqual({
      seed: random.seed,
      tooFew: false,
    });
  });
});

test('of ratios it is the same for their inverses', () => {
  const ratios = [1.1, 0.9, 1.3, 1.2, 1.05, 1.4, 1.15];
  const { value, low, high } = ratioInterval(ratios);
  const inverse = ratioInterval(ratios.map((ratio) => 1 / ratio));
  expect(inverse.value).toBeCloseTo(1 / value, 12);
  expect(inverse.low).toBeCloseTo(1 / high, 12);
  expect(inverse.high).toBeCloseTo(1 / low, 12);
});

/** Differences 1 to `count` in size, of which those whose ranks add up to `sum` are negative. */
function withNegativeRanks(count: number, sum: number): number[] {
  let left = sum;
  const values: number[] = [];
  for (let rank = count; rank >= 1; rank--) {
    const isNegative = rank <= left;
    if (isNegative) left -= rank;
    values.push(isNegative ? -rank : rank);
  }
  return values;
}
