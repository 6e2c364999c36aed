import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { histogramLines } from '../../src/format/histogram.js';
import { Histogram } from '../../src/summary/histogram.js';

const MS = 1e6;

function linesOf(...rtts: readonly number[]): string[] {
  const histogram = new Histogram();
  for (const rtt of rtts) histogram.record(Math.round(rtt));
  return histogramLines(histogram, 12);
}

/** Where rows begin, and where the last one ends, as it is written. */
function edgesOf(lines: readonly string[]): string[] {
  const ranges = lines.map((line) => (line.trim().split(' ')[0] ?? '').split('-'));
  const starts = ranges.map(([start = '']) => start);
  expect(ranges.slice(0, -1).map(([, end]) => end)).toEqual(starts.slice(1));
  return [...starts, ranges.at(-1)?.[1] ?? ''];
}

const countsOf = (lines: readonly string[]) =>
  lines.map((line) => Number(/ (\d+)$/.exec(line)?.[1] ?? 0));

test('of nothing there is no picture', () => {
  expect(linesOf()).toEqual([]);
});

test('one value is one row, and a full bar', () => {
  expect(linesOf(12 * MS)).toEqual([`  12.0-15.0 ms  ${'█'.repeat(40)} 1`]);
});

test('rows have their range, a bar, and how many there are; those between may be empty', () => {
  expect(linesOf(...Array(80).fill(1.1 * MS), ...Array(3).fill(1.9 * MS), 2.3 * MS)).toEqual([
    `  1.00-1.20 ms  ${'█'.repeat(40)} 80`,
    '  1.20-1.50 ms',
    '  1.50-1.80 ms',
    '  1.80-2.20 ms  █▌ 3',
    '  2.20-2.70 ms  ▌ 1',
  ]);
});

describe('a bar', () => {
  const bars = (few: number, many: number) =>
    linesOf(...Array(many).fill(1.1 * MS), ...Array(few).fill(1.3 * MS)).map(
      (line) => line.split(' ')[5],
    );

  test.each([
    [320, 320, '█'.repeat(40)],
    [160, 320, '█'.repeat(20)],
    [12, 320, '█▌'],
    [9, 320, '█▏'],
    [8, 320, '█'],
    [7, 320, '▉'],
    [1, 320, '▏'],
    [1, 10_000, '▏'], // what is there is seen
  ])('of %d beside %d', (few, many, bar) => {
    expect(bars(few, many)).toEqual(['█'.repeat(40), bar]);
  });
});

describe('the scale', () => {
  test.each([
    [
      'twelve steps to a power of ten',
      10,
      80,
      '10.0 12.0 15.0 18.0 22.0 27.0 33.0 39.0 47.0 56.0 68.0 82.0',
    ],
    ['six', 10, 200, '10.0 15.0 22.0 33.0 47.0 68.0 100 150 220'],
    ['three', 1, 1_000, '1.00 2.00 5.00 10.0 20.0 50.0 100 200 500 1000 2000'],
    ['one', 0.01, 10_000, '0.010 0.100 1.00 10.0 100 1000 10000 100000'],
  ])('has %s from %d to %d ms', (_, least, most, edges) => {
    expect(edgesOf(linesOf(least * MS, most * MS)).join(' ')).toBe(edges);
  });

  test('begins at or below the least: it is in the first row', () => {
    expect(linesOf(11.9 * MS, 12.1 * MS)).toHaveLength(2);
    expect(edgesOf(linesOf(9.99 * MS, 9.99 * MS))).toEqual(['8.20', '10.0']);
  });

  test('has as many digits as tell its edges apart, below 10 us, too', () => {
    expect(edgesOf(linesOf(0.0009 * MS, 0.0095 * MS))).toEqual([
      ...['0.00068', '0.001', '0.0015', '0.0022', '0.0033', '0.0047', '0.0068', '0.010'],
    ]);
    expect(edgesOf(linesOf(0.002 * MS, 0.002 * MS))).toEqual(['0.0018', '0.0022']);
    expect(edgesOf(linesOf(2, 3))).toEqual(['0.000002', '0.000003', '0.000004']);
    expect(edgesOf(linesOf(0))[0]).toBe('0');
  });

  test.each([
    ['of nothing, as a coarse clock has them', [0, 0, 0]],
    ['from nothing to a month', [0, 2 ** 51]],
  ])('has no more than twelve rows, the first and the last with some: %s', (_, rtts) => {
    const lines = linesOf(...rtts);
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(countsOf(lines)[0]).toBeGreaterThan(0);
    expect(countsOf(lines).at(-1)).toBeGreaterThan(0);
    expect(countsOf(lines).reduce((sum, count) => sum + count)).toBe(rtts.length);
  });
});

test('of a few nanoseconds each row has some: none is there twice', () => {
  expect(countsOf(linesOf(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
});

test('whatever the RTTs: at most twelve rows of 80 columns, which add up', () => {
  const random = newRandom();
  for (let round = 0; round < 300; round++) {
    const spread = random.below(12_000) / 1_000;
    const base = random.below(7_000) / 1_000;
    const rtts = Array.from({ length: 1 + random.below(200) }, () =>
      Math.round(10 ** Math.min(13, base + (spread * random.below(1_000)) / 1_000)),
    );
    const lines = linesOf(...rtts);
    const counts = countsOf(lines);
    const longest = Math.max(...lines.map(({ length }) => length));
    const sum = counts.reduce((all, count) => all + count, 0);
    const { seed } = random;
    expect({ seed, round, sum, fits: lines.length <= 12 && longest <= 80 }).toEqual({
      seed,
      round,
      sum: rtts.length,
      fits: true,
    });
  }
});
