import { describe, expect, test } from '@jest/globals';
import { CountedWindow, newCount } from '../../src/summary/counted-window.js';

const SECOND = 1e9;
const MS = 1e6;

/** One that ends at a second, of RTTs in ms. */
function interval(end: number, rtts: readonly number[], length = 10) {
  const counted = newCount();
  for (const rtt of rtts) counted.record(rtt * MS);
  return { begin: (end - length) * SECOND, end: end * SECOND, rtts: counted };
}

describe('of the last intervals', () => {
  test('a window has as many as it is long', () => {
    const window = new CountedWindow(30 * SECOND);
    const found = [10, 20, 30, 40, 50].map((end) => {
      window.accept(interval(end, [end]));
      const { isWhole, all } = window;
      return [isWhole, all, window.percentile(0) / MS, window.percentile(100) / MS];
    });
    expect(found).toEqual([
      [false, 1, 10, 10],
      [false, 2, 10, 20],
      [true, 3, 10, 30],
      [true, 3, 20, 40],
      [true, 3, 30, 50],
    ]);
  });

  test('one that has taken longer counts as a whole', () => {
    const window = new CountedWindow(30 * SECOND);
    window.accept(interval(10, [1]));
    window.accept(interval(60, [2], 50));
    expect([window.isWhole, window.all]).toEqual([true, 1]);
    window.accept(interval(70, [3]));
    expect(window.all).toBe(2);
  });

  test('a short rest is besides those that have a part in the window', () => {
    const window = new CountedWindow(20 * SECOND);
    for (const end of [10, 20, 30]) window.accept(interval(end, [end]));
    window.accept(interval(34, [34], 4));
    expect([window.all, window.percentile(0) / MS]).toEqual([3, 20]);
  });

  test('without a window there are all', () => {
    const window = new CountedWindow(undefined);
    expect([window.isWhole, window.all, window.percentile(50)]).toEqual([true, 0, Number.NaN]);
    for (let end = 1; end <= 500; end++) window.accept(interval(end, [end], 1));
    expect([window.all, window.percentile(0) / MS, window.percentile(100) / MS]).toEqual([
      ...[500, 1, 500],
    ]);
  });

  test('of very many intervals it forgets none too soon, and within a hundredth', () => {
    const window = new CountedWindow(1_000 * SECOND);
    for (let end = 1; end <= 5_000; end++) {
      window.accept(interval(end, [1], 1));
      if (end < 1_000) continue;
      expect(window.all).toBeGreaterThanOrEqual(1_000);
      expect(window.all).toBeLessThan(1_010);
    }
  });

  test('a clock that is set back makes it begin anew', () => {
    const window = new CountedWindow(20 * SECOND);
    for (const end of [110, 120, 130]) window.accept(interval(end, [end]));
    window.accept(interval(20, [7]));
    expect([window.isWhole, window.all]).toEqual([false, 1]);
    window.accept(interval(30, [8]));
    expect([window.isWhole, window.all]).toEqual([true, 2]);
  });

  test('it keeps what it was given as it is', () => {
    const given = interval(10, [1]);
    const windows = [new CountedWindow(undefined), new CountedWindow(SECOND)];
    for (const window of windows) window.accept(given);
    for (const window of windows) window.accept(interval(20, [2]));
    expect(given.rtts.total).toBe(1);
    expect(windows.map(({ all }) => all)).toEqual([2, 1]);
  });
});
