import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { cumulativeOf, histogramOf } from '../../src/report/page/distribution.js';
import { countBelow, percentile, statisticsOf } from '../../src/report/page/statistics.js';

const upTo = (count: number) => Float64Array.from({ length: count }, (_, index) => index + 1);

test('a percentile is the value of its nearest rank', () => {
  expect([0, 50, 99, 100].map((percent) => percentile(upTo(101), percent))).toEqual([
    1, 51, 100, 101,
  ]);
});

test('the statistics of all values', () => {
  expect(statisticsOf(upTo(1000))).toEqual({
    count: 1000,
    least: 1,
    median: 500,
    p90: 900,
    p99: 990,
    most: 1000,
  });
});

test('how many are less', () => {
  const sorted = Float64Array.of(1, 2, 2, 3);
  expect([0, 1, 2, 2.5, 3, 4].map((value) => countBelow(sorted, value))).toEqual([
    ...[0, 0, 1, 3, 3, 4],
  ]);
});

test('every value is in the bin that holds it', () => {
  const random = new Random(2);
  for (const spread of [1, 1.001, 3, 1e3, 1e9]) {
    const sorted = Float64Array.from({ length: 5000 }, () =>
      Math.round(1e4 * spread ** (random.below(1e6) / 1e6)),
    ).sort();
    const bins = histogramOf(sorted);
    expect(bins.length).toBeLessThanOrEqual(80);
    expect(bins.map(({ from, to }) => countBetween(sorted, from, to))).toEqual(
      bins.map(({ count }) => count),
    );
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(sorted.length);
    expect(bins[0]?.count).toBeGreaterThan(0);
    expect(bins.at(-1)?.count).toBeGreaterThan(0);
  }
});

test.each([[[0]], [[0, 0, 5]], [[1]], [[1000]], [[1e6, 1e7]], [[999_999, 1e6]], [[10, 100, 1e12]]])(
  'all of %j are in a histogram',
  (values) => {
    const bins = histogramOf(Float64Array.from(values));
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  },
);

test('a cumulative distribution ends with all, and its steps are ranks', () => {
  expect(cumulativeOf(upTo(4), 10)).toEqual([
    { rtt: 1, share: 0.25 },
    { rtt: 2, share: 0.5 },
    { rtt: 3, share: 0.75 },
    { rtt: 4, share: 1 },
  ]);
  const many = cumulativeOf(upTo(1001), 100);
  expect(many).toHaveLength(100);
  expect(many.at(-1)).toEqual({ rtt: 1001, share: 1 });
  expect(many.every(({ rtt, share }) => rtt === Math.round(share * 1001))).toBe(true);
});

function countBetween(sorted: Float64Array, from: number, to: number): number {
  return sorted.filter((value) => value >= from && value < to).length;
}
