/** The sum of what was counted, and its percentiles. */
import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { figuresOf, recordBuckets, sumOfBuckets } from '../../src/summary/buckets.js';
import { Histogram } from '../../src/summary/histogram.js';
import { distributionOf } from '../../src/summary/totals.js';
import { aggregateOf } from '../helpers/events/aggregates.js';

const random = new Random(5);
const NONE = { reported: 0, least: 0, most: 0, buckets: [] };

/** In some of the buckets from 1 ms on. */
function counted() {
  const filled = Array.from({ length: 300 }, (_, bucket) => bucket).filter(
    () => random.below(9) === 0,
  );
  const buckets = filled.map((bucket) => {
    const octave = 2 ** (20 + Math.floor(bucket / 32));
    return [octave + (octave / 32) * (bucket % 32), 1 + random.below(50)] as const;
  });
  const reported = buckets.reduce((sum, [, count]) => sum + count, 0);
  const [least, most] = [(buckets[0]?.[0] ?? 0) + 7, (buckets.at(-1)?.[0] ?? 0) + 9];
  return aggregateOf({ buckets, reported, least, most });
}

test('percentiles are those of a histogram of the same buckets', () => {
  for (let round = 0; round < 200; round++) {
    const one = counted();
    const histogram = new Histogram(5);
    recordBuckets(histogram, one);
    expect(figuresOf(one)).toEqual(distributionOf(histogram));
  }
});

test('of several all are added, bucket by bucket', () => {
  const all = [counted(), NONE, counted(), counted()];
  const histogram = new Histogram(5);
  for (const each of all) recordBuckets(histogram, each);
  const sum = sumOfBuckets(all);
  expect(sum.reported).toBe(histogram.total);
  expect(figuresOf(sum)).toEqual(distributionOf(histogram));
  const starts = sum.buckets.map(([from]) => from);
  expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
});

test('of none there are no figures', () => {
  expect(figuresOf(NONE)).toBeUndefined();
  expect(figuresOf(sumOfBuckets([]))).toBeUndefined();
  expect(figuresOf(sumOfBuckets([NONE, NONE]))).toBeUndefined();
});
