/** What the charts show of aggregates. */
import { describe, expect, test } from '@jest/globals';
import { type Counted, endOf, startOf, sumOf } from '../../src/report/buckets.js';
import { CountedRtts } from '../../src/report/page/counted-rtts.js';
import { IntervalSeries } from '../../src/report/page/interval-series.js';

const ms = (bucket: number) => ({ least: startOf(bucket), most: endOf(bucket) - 1 });
const of = (bucket: number, reported: number): Counted => ({
  ...{ samples: reported, reported, overdue: 0, ...ms(bucket), buckets: [bucket, reported] },
});
const OVERDUE: Counted = { ...of(0, 0), overdue: 2, least: 0, most: 0, buckets: [] };

describe('over time', () => {
  const slots = Array.from({ length: 100 }, (_, at) => at);
  const counted = slots.map((at) => (at === 50 ? OVERDUE : of(100 + at, 10)));
  const series = new IntervalSeries({ slots, counted }, 1000);

  test('there is a column for each slot with RTTs, in its middle', () => {
    const columns = series.columns({ from: 1500, to: 4500 }, 300);
    expect([...columns.times]).toEqual([1500, 2500, 3500, 4500]);
    expect([...columns.least]).toEqual([101, 102, 103, 104].map(startOf));
    expect([...columns.counts]).toEqual([10, 10, 10, 10]);
    expect(columns.reach).toBe(2500);
    expect(series.columns({ from: 0, to: 100_000 }, 300).times).toHaveLength(99);
  });

  test('where there are more slots than pixels, slots are added', () => {
    const columns = series.columns({ from: 0, to: 100_000 }, 20);
    expect(columns.times).toHaveLength(20);
    expect([...columns.counts].reduce((sum, count) => sum + count)).toBe(990);
    expect(columns.times[0]).toBe(2500);
    expect([columns.least[0], columns.most[0]]).toEqual([startOf(100), endOf(104) - 1]);
    expect(columns.p99?.[0]).toBe(endOf(104) - 1);
    expect(columns.reach).toBe(12_500);
  });

  test('what is in a range has its own distribution', () => {
    expect(series.within({ from: 0, to: 1500 }).count).toBe(20);
    expect(series.within({ from: 50_100, to: 50_900 }).count).toBe(0);
    expect([series.least, series.most]).toEqual([startOf(100), endOf(199) - 1]);
  });

  test('there may be no RTT', () => {
    const none = new IntervalSeries({ slots: [1], counted: [OVERDUE] }, 1000);
    expect([none.least, none.most]).toEqual([Number.POSITIVE_INFINITY, 0]);
    expect(none.columns({ from: 0, to: 9000 }, 10).times).toHaveLength(0);
  });
});

describe('a distribution', () => {
  test('has a bin for each bucket where these are few, and all RTTs are in one', () => {
    const bins = new CountedRtts(sumOf([of(100, 3), of(102, 2)])).bins();
    expect(bins).toEqual([
      { from: startOf(100), to: endOf(100), count: 3 },
      { from: startOf(101), to: endOf(101), count: 0 },
      { from: startOf(102), to: endOf(102), count: 2 },
    ]);
  });

  test.each([
    ['all buckets', 0, 833],
    ['four octaves', 33, 160],
    ['the first and the next', 0, 1],
    ['the last alone', 833, 833],
    ['the first alone', 0, 0],
    ['to the last', 700, 833],
  ])('has edges of buckets, without a gap: %s', (_, first, last) => {
    const all = Array.from({ length: last - first + 1 }, (_, at) => of(first + at, 1));
    const bins = new CountedRtts(
      sumOf(all.map((each) => ({ ...each, most: Math.min(each.most, 2 ** 37) }))),
    ).bins();
    expect(bins.length).toBeLessThan(81);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
    for (const [at, { from, to }] of bins.entries()) {
      expect(to).toBeGreaterThan(from);
      if (at > 0) expect(from).toBe(bins[at - 1]?.to);
    }
  });

  test('is cumulative at the ends of buckets, up to the most', () => {
    const rtts = new CountedRtts(sumOf([of(100, 3), { ...of(102, 1), most: startOf(102) + 5 }]));
    expect(rtts.steps()).toEqual([
      { rtt: endOf(100), share: 0.75 },
      { rtt: startOf(102) + 5, share: 1 },
    ]);
    expect(rtts.percentile(50)).toBe((startOf(100) + endOf(100)) / 2);
  });
});
