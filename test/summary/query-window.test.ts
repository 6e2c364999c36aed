import { describe, expect, test } from '@jest/globals';
import { QueryWindow } from '../../src/summary/query-window.js';

const SECOND = 1e9;

/** @param truths one a second */
function windowOf(length: number | undefined, truths: readonly boolean[]): QueryWindow {
  const window = new QueryWindow(length);
  for (const [second, isTrue] of truths.entries()) window.accept(isTrue, second * SECOND);
  return window;
}

test('without a length all count, from the first on', () => {
  const window = windowOf(undefined, [true, false, false, false]);
  expect([window.all, window.share, window.isWhole]).toEqual([4, 0.25, true]);
});

test('of none there is no share', () => {
  expect([new QueryWindow(9).all, new QueryWindow(9).share]).toEqual([0, Number.NaN]);
});

describe('with a length', () => {
  test('what is older is forgotten', () => {
    const window = windowOf(10 * SECOND, [...Array(10).fill(true), ...Array(30).fill(false)]);
    expect([window.all, window.share]).toEqual([10, 0]);
  });

  test('it is whole once queries have come for as long', () => {
    expect(windowOf(10 * SECOND, Array(10).fill(true)).isWhole).toBe(false);
    expect(windowOf(10 * SECOND, Array(11).fill(true)).isWhole).toBe(true);
  });

  test('a million queries take no more room than a hundred: it is exact to a hundredth', () => {
    const window = new QueryWindow(10 * SECOND);
    for (let query = 0; query < 1_000_000; query++) window.accept(query % 4 === 0, query * 1e5);
    expect(Math.abs(window.all - 100_000)).toBeLessThanOrEqual(1_001);
    expect(window.share).toBeCloseTo(0.25, 4);
  });

  test('a clock that was set back begins it anew', () => {
    const window = windowOf(10 * SECOND, Array(20).fill(true));
    window.accept(false, 3 * SECOND);
    expect([window.all, window.share, window.isWhole]).toEqual([1, 0, false]);
  });
});

describe('counted in intervals', () => {
  /** Of 10 s each. */
  function counted(length: number | undefined, counts: readonly (readonly [number, number])[]) {
    const window = new QueryWindow(length);
    for (const [at, [of, all]] of counts.entries()) {
      const [begin, end] = [10 * at * SECOND, 10 * (at + 1) * SECOND];
      window.acceptCounts({ begin, end, all, counted: of });
    }
    return window;
  }

  test('all count, or those of the last while', () => {
    const counts = [
      [9, 9],
      [1, 4],
      [0, 0],
      [1, 4],
    ] as const;
    expect([counted(undefined, counts).all, counted(undefined, counts).share]).toEqual([
      17,
      11 / 17,
    ]);
    const last = counted(30 * SECOND, counts);
    expect([last.all, last.share]).toEqual([8, 0.25]);
  });

  test('it is whole once it was counted for as long, also without queries', () => {
    expect(
      counted(30 * SECOND, [
        [0, 1],
        [0, 1],
      ]).isWhole,
    ).toBe(false);
    expect(
      counted(30 * SECOND, [
        [0, 1],
        [0, 0],
        [0, 0],
      ]).isWhole,
    ).toBe(true);
  });

  test('a long one of short intervals takes no more room than a hundred', () => {
    const window = counted(10_000 * SECOND, Array(3_000).fill([1, 4]));
    expect(Math.abs(window.all - 4_000)).toBeLessThanOrEqual(44);
    expect(window.share).toBe(0.25);
  });
});
