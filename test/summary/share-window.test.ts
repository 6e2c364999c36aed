import { describe, expect, test } from '@jest/globals';
import { parseCondition } from '../../src/options/condition.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';
import { ShareWindow } from '../../src/summary/share-window.js';

const SECOND = 1e9;
const MB = 1_000_000;

/** A reading each second: a megabyte more, of which so much was sent again. */
function sharesOf(window: ShareWindow, again: readonly number[], from = 1_000): unknown[] {
  let sum = 0;
  return again.map((each, at) => {
    sum += each;
    return window.take({ time: (from + at) * SECOND, bytes: (at + 1) * MB, again: sum });
  });
}

describe('a share of bytes', () => {
  test('is of all since the beginning', () => {
    const again = [0, 0.02 * MB, 0.04 * MB, 0];
    expect(sharesOf(new ShareWindow(undefined), again)).toEqual([0, 0.01, 0.02, 0.015]);
  });

  test('is of the last seconds alone, of which the first are those since the beginning', () => {
    const again = [0.03, 0.05, 0, 0, 0.02].map((part) => part * MB);
    const shares = sharesOf(new ShareWindow(2 * SECOND), again);
    expect(shares).toEqual([0.03, 0.04, 0.025, 0, 0.01]);
  });

  test('is none where little was sent in that time', () => {
    const window = new ShareWindow(SECOND);
    expect(window.take({ time: SECOND, bytes: 99_999, again: 99_999 })).toBeUndefined();
    expect(window.take({ time: 1.5 * SECOND, bytes: 100_000, again: 99_999 })).toBe(0.99999);
    expect(window.take({ time: 3 * SECOND, bytes: 100_001, again: 100_000 })).toBeUndefined();
  });

  test('begins anew where the clock was set back', () => {
    const window = new ShareWindow(10 * SECOND);
    window.take({ time: 100 * SECOND, bytes: MB, again: MB });
    expect(window.take({ time: 50 * SECOND, bytes: 2 * MB, again: MB })).toBe(0);
    expect(window.bytes).toBe(MB);
  });

  test('of many readings is within a hundredth of its window', () => {
    const window = new ShareWindow(10 * SECOND);
    for (let at = 0; at <= 100_000; at++) {
      window.take({ time: at * 1e6, bytes: at * 1_000, again: 0 });
    }
    expect(window.bytes).toBeGreaterThanOrEqual(10 * MB);
    expect(window.bytes).toBeLessThanOrEqual(10.2 * MB);
  });
});

describe('a condition on it', () => {
  const metAfter = (text: string, again: readonly number[]) => {
    const watch = new ConditionWatch(parseCondition(text));
    let sum = 0;
    const index = again.findIndex((part, at) => {
      sum += part * MB;
      watch.acceptCarried({ time: at * SECOND, bytes: (at + 1) * MB, again: sum });
      return watch.isMet;
    });
    return index < 0 ? undefined : index + 1;
  };
  const BURST = [0, 0, 0, 0, 0, 0.05, 0.05, 0, 0];

  test.each([
    ['retrans>2%/2s', 6],
    ['retrans>2.4%/2s', 6],
    ['retrans>2.5%/2s', 7],
    ['retrans>=2.5%/2s', 6],
    ['retrans>1%', 7],
    ['retrans>2%', undefined],
    ['retrans<=0%', 1],
    ['p99>1ms', undefined],
    ['loss>0', undefined],
  ])('%s', (text, after) => expect(metAfter(text, BURST)).toBe(after));

  test('once true it stays true, and says of how much', () => {
    const watch = new ConditionWatch(parseCondition('retrans>2%/2s'));
    watch.acceptCarried({ time: 0, bytes: 0, again: 0 });
    watch.acceptCarried({ time: 2 * SECOND, bytes: MB, again: MB });
    watch.acceptCarried({ time: 9 * SECOND, bytes: 9 * MB, again: MB });
    expect([watch.isMet, watch.considered]).toEqual([true, MB]);
  });
});
