import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { columnCount, columnsOf, stretchesOf } from '../../src/report/page/columns.js';
import { between, select } from '../../src/report/page/selection.js';

test('every sample is in one column: least, most and number are those of all', () => {
  const random = new Random(1);
  const count = 20_000;
  const times = Float64Array.from({ length: count }, () => random.below(1000)).sort();
  const rtts = Float64Array.from({ length: count }, () => 1e6 + random.below(1e9));
  const columns = columnsOf({ times, rtts }, 0, 1000, 731);
  expect(columns.counts.length).toBeLessThanOrEqual(731);
  expect(columns.counts.reduce((sum, each) => sum + each, 0)).toBe(count);
  expect(Math.min(...columns.least)).toBe(Math.min(...rtts));
  expect(Math.max(...columns.most)).toBe(Math.max(...rtts));
  expect([...columns.times]).toEqual([...columns.times].sort((a, b) => a - b));
});

test('a column has the nearest-rank median, and lies in the middle of its samples', () => {
  const times = Float64Array.of(0, 1, 2, 3, 10, 12, 20);
  const rtts = Float64Array.of(9, 1, 5, 7, 40, 30, 2);
  const columns = columnsOf({ times, rtts }, 0, 20, 2);
  expect([...columns.times]).toEqual([1.5, 15]);
  expect([...columns.least]).toEqual([1, 2]);
  expect([...columns.median]).toEqual([5, 30]);
  expect([...columns.most]).toEqual([9, 40]);
  expect([...columns.counts]).toEqual([4, 3]);
});

test('columns without a sample are left out, and one sample is where it was', () => {
  const { times, counts } = columnsOf(
    { times: Float64Array.of(3, 97), rtts: Float64Array.of(1, 2) },
    ...([0, 100, 10] as const),
  );
  expect([...times]).toEqual([3, 97]);
  expect([...counts]).toEqual([1, 1]);
});

test('all at one time, and none at all', () => {
  const one = { times: Float64Array.of(5, 5), rtts: Float64Array.of(1, 2) };
  expect([...columnsOf(one, 5, 5, 10).counts]).toEqual([2]);
  expect(
    columnsOf({ times: new Float64Array(), rtts: new Float64Array() }, 0, 1, 10).times,
  ).toHaveLength(0);
});

test('a pixel each where there are enough samples, up to eight where there are few', () => {
  expect(columnCount(1_000_000, 1000)).toBe(1000);
  expect(columnCount(10 * 500, 1000)).toBe(500);
  expect(columnCount(10, 1000)).toBe(125);
  expect(columnCount(0, 3)).toBe(1);
});

test('a gap divides: nothing is drawn where nothing was measured', () => {
  const at = (...times: number[]) =>
    columnsOf(
      { times: Float64Array.from(times), rtts: new Float64Array(times.length) },
      0,
      100,
      100,
    );
  expect(stretchesOf(at(0, 5, 10, 50, 90, 95), 10)).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 4 },
    { start: 4, end: 6 },
  ]);
  expect(stretchesOf(at(), 10)).toEqual([]);
});

test('between two times, both included', () => {
  const all = { times: Float64Array.of(1, 2, 2, 3, 4), rtts: Float64Array.of(10, 20, 21, 30, 40) };
  expect([...between(all, 2, 3).rtts]).toEqual([20, 21, 30]);
  expect([...between(all, 0, 9).rtts]).toEqual([10, 20, 21, 30, 40]);
  expect([...between(all, 2.5, 2.6).rtts]).toEqual([]);
});

test('a side and a peer are chosen from all samples', () => {
  const samples = {
    times: Float64Array.of(1, 2, 3, 4),
    rtts: Float64Array.of(10, 20, 30, 40),
    peers: Uint32Array.of(0, 1, 0, 1),
    flags: Uint8Array.of(0, 4, 1, 6),
  };
  expect([...select(samples, 0).rtts]).toEqual([10, 20]);
  expect([...select(samples, 0, 1).rtts]).toEqual([20]);
  expect([...select(samples, 1).times]).toEqual([3]);
  expect([...select(samples, 2, 0).rtts]).toEqual([]);
});
