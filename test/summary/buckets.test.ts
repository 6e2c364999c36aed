/** What is in buckets: the longest, the sum, percentiles. */
import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { figuresOf, longestIn, recordBuckets, sumOfBuckets } from '../../src/summary/buckets.js';
import { distributionOf } from '../../src/summary/distribution.js';
import { Histogram } from '../../src/summary/histogram.js';
import { aggregateOf } from '../helpers/events/aggregates.js';

const HOUR = 3_600e9;

describe('the longest RTT that may be in a bucket', () => {
  test.each([
    ['of the first one', 0, 1_023],
    ['of the first octave', 1_024, 1_055],
    ['of the one that has 50 us in it', 49_152, 50_175],
    ['of the one that has 1 ms in it', 999_424, 1_015_807],
    ['of the last one with an end', 63 * 2 ** 30, 2 ** 36 - 1],
  ])('%s', (_, from, longest) => expect(longestIn(from, HOUR)).toBe(longest));

  test('is none that there was not', () => {
    expect(longestIn(49_152, 49_800)).toBe(49_800);
    expect(longestIn(2 ** 36, HOUR)).toBe(HOUR);
  });

  test('is in the bucket, even if the most has come too late', () => {
    expect(longestIn(49_152, 40_000)).toBe(49_152);
  });
});

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
