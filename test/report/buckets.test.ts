/** The histograms of aggregates, added and asked for percentiles. */
import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { AGGREGATE_SHAPE } from '../../src/core/layouts.js';
import {
  BUCKETS,
  type Counted,
  endOf,
  indexFrom,
  NOTHING,
  percentileOf,
  startOf,
  sumOf,
} from '../../src/report/buckets.js';
import { Histogram } from '../../src/summary/histogram.js';

const counted = (buckets: readonly number[], fields: Partial<Counted> = {}): Counted => {
  const reported = buckets.reduce((sum, each, at) => sum + (at % 2 ? each : 0), 0);
  const [first = 0, last = 0] = [buckets[0], buckets.at(-2)];
  const times = { least: startOf(first), most: startOf(last) };
  return { samples: reported, reported, overdue: 0, ...times, buckets, ...fields };
};

describe('the buckets', () => {
  test('are those of the core', () => {
    expect(BUCKETS).toBe(AGGREGATE_SHAPE.buckets);
    expect([0, 1, 2, 33, 832, 833].map(startOf)).toEqual([
      ...[0, 1024, 1056, 2048, 2 ** 36 - 2 ** 30, 2 ** 36],
    ]);
    expect(endOf(0)).toBe(1024);
    expect(endOf(833)).toBe(Number.POSITIVE_INFINITY);
  });

  test('are found by where they begin, and by nothing else', () => {
    for (let index = 0; index < BUCKETS; index++) expect(indexFrom(startOf(index))).toBe(index);
    for (const start of [1, 1000, 1025, 2049, 2 ** 36 + 1, 2 ** 36 + 2 ** 31, 2 ** 37, 1.5]) {
      expect(indexFrom(start)).toBeUndefined();
    }
  });
});

describe('what is counted together', () => {
  test('is added bucket by bucket', () => {
    const sum = sumOf([
      counted([3, 2, 9, 1], { samples: 5, overdue: 1 }),
      counted([9, 4, 700, 1]),
      counted([], { overdue: 7, least: 0, most: 0 }),
    ]);
    expect(sum).toEqual({
      ...{ samples: 10, reported: 8, overdue: 8, least: startOf(3), most: startOf(700) },
      buckets: [3, 2, 9, 5, 700, 1],
    });
  });

  test('is nothing where there is nothing', () => {
    expect(sumOf([])).toEqual(NOTHING);
    expect(sumOf([NOTHING, NOTHING])).toEqual(NOTHING);
  });
});

describe('a percentile', () => {
  test('is the one that pping tells of the same', () => {
    const random = new Random(11);
    const histogram = new Histogram(5);
    const rtts = Array.from({ length: 999 }, () => 2_000 + random.below(2 ** 28));
    for (const rtt of rtts) histogram.record(rtt);
    const all = sumOf(
      rtts.map((rtt) => ({ ...counted([bucketOf(rtt), 1]), least: rtt, most: rtt })),
    );
    for (const percent of [0, 1, 50, 90, 95, 99, 99.9, 100]) {
      expect(percentileOf(all, percent)).toBe(histogram.percentile(percent));
    }
  });

  test('is within the least and the most, and no number where there is none', () => {
    const alone = { ...counted([0, 3]), least: 900, most: 1000 };
    expect(percentileOf(alone, 50)).toBe(900);
    expect(percentileOf(alone, 99)).toBe(1000);
    expect(percentileOf(counted([833, 4], { most: 2 ** 40 }), 50)).toBe(2 ** 36);
    expect(percentileOf(NOTHING, 50)).toBeNaN();
  });
});

function bucketOf(rtt: number): number {
  return Array.from({ length: BUCKETS }, (_, index) => index).findIndex((at) => rtt < endOf(at));
}
