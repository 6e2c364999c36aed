import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { parseCondition } from '../../src/options/condition.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';
import { newCount } from '../../src/summary/counted-window.js';

const MS = 1e6;
const SECOND = 1e9;

const watch = (text: string) => new ConditionWatch(parseCondition(text));

/** After how many of the RTTs (in ms, one each ms) it has come true; undefined: never. */
function metAfter(text: string, rtts: readonly number[]): number | undefined {
  const condition = watch(text);
  const index = rtts.findIndex((rtt, at) => {
    condition.acceptRtt(rtt * MS, at * MS);
    return condition.isMet;
  });
  return index < 0 ? undefined : index + 1;
}

const slowFrom = (at: number, length = 1_000) =>
  Array.from({ length }, (_, index) => (index < at ? 10 : 100));

describe('of the whole run', () => {
  test.each([
    ['max>50ms', slowFrom(30), 31],
    ['p99>50ms', slowFrom(30), 100],
    ['p99>50ms', slowFrom(198), 201],
    ['p90>50ms', slowFrom(90), 101],
    ['p50>50ms', slowFrom(30), 61],
    ['median>50ms', slowFrom(30), 61],
    ['min<20ms', slowFrom(30), 20],
    ['min>=10ms', slowFrom(30), 20],
    ['min>10ms', slowFrom(30), undefined],
    ['p50<=10ms', slowFrom(30), 20],
    ['p50<10ms', slowFrom(30), undefined],
    ['max>100ms', slowFrom(30), undefined],
    ['max>=100ms', slowFrom(30), 31],
  ])('%s', (text, rtts, after) => expect(metAfter(text, rtts)).toBe(after));

  test('needs 100 samples for a 99th percentile', () => {
    expect(metAfter('p99>50ms', Array(99).fill(100))).toBeUndefined();
    expect(metAfter('p99>50ms', Array(100).fill(100))).toBe(100);
  });

  test('needs 20 samples for others', () => {
    expect(metAfter('p50>50ms', Array(19).fill(100))).toBeUndefined();
    expect(metAfter('p50>50ms', Array(20).fill(100))).toBe(20);
  });

  test('once true it stays true', () => {
    const condition = watch('p50>50ms');
    for (let at = 0; at < 20; at++) condition.acceptRtt(100 * MS, at);
    for (let at = 0; at < 100; at++) condition.acceptRtt(1, at);
    expect({ isMet: condition.isMet, considered: condition.considered }).toEqual({
      isMet: true,
      considered: 20,
    });
    expect(condition.value / MS).toBeCloseTo(100, 1);
  });
});

test('agrees with sorting, at every sample', () => {
  const random = newRandom();
  const ranks = { min: 0, p50: 50, p90: 90, p99: 99, max: 100 };
  const operators = {
    '>': (a: number, b: number) => a > b,
    '>=': (a: number, b: number) => a >= b,
    '<': (a: number, b: number) => a < b,
    '<=': (a: number, b: number) => a <= b,
  };
  for (const [metric, percent] of Object.entries(ranks)) {
    for (const [operator, holds] of Object.entries(operators)) {
      const rtts = Array.from({ length: 300 }, () => 1 + random.below(40));
      const value = 1 + random.below(40);
      const truth = rtts.findIndex((_, at) => {
        const seen = rtts.slice(0, at + 1).sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((percent / 100) * seen.length));
        return (
          seen.length >= (metric === 'p99' ? 100 : 20) && holds(seen[rank - 1] ?? Number.NaN, value)
        );
      });
      const text = `${metric}${operator}${value}ms`;
      const { seed } = random;
      expect({ seed, text, after: metAfter(text, rtts) }).toEqual({
        seed,
        text,
        after: truth < 0 ? undefined : truth + 1,
      });
    }
  }
});

describe('of the last while', () => {
  test('what is older does not count', () => {
    const condition = watch('p50>50ms/10s');
    for (let at = 0; at < 1_000; at++) condition.acceptRtt(10 * MS, at * 10 * MS); // 10 s of it
    expect(condition.isMet).toBe(false);
    for (let at = 0; at < 25; at++) condition.acceptRtt(100 * MS, 21 * SECOND + at * MS);
    expect({ isMet: condition.isMet, considered: condition.considered }).toEqual({
      isMet: true,
      considered: 20,
    });
  });

  test('it is watched in full before it is judged', () => {
    const condition = watch('p50>50ms/10s');
    for (let tenth = 0; tenth < 100; tenth++) {
      condition.acceptRtt(100 * MS, 5 * SECOND + tenth * 100 * MS);
      expect(condition).toMatchObject({ isMet: false, unjudged: 'window' });
    }
    condition.acceptRtt(100 * MS, 15 * SECOND);
    expect(condition).toMatchObject({ isMet: true, unjudged: undefined });
  });

  test('one that never has enough RTTs says so', () => {
    const condition = watch('p99>50ms/10s');
    for (let second = 0; second < 60; second++) condition.acceptRtt(100 * MS, second * SECOND);
    expect(condition).toMatchObject({ isMet: false, unjudged: 'few', most: 10 });
  });

  test('is not forgotten too soon: nine tenths of it always count', () => {
    const condition = watch('samples>1');
    const windowed = watch('max>1s/10s');
    for (let second = 0; second < 60; second++) {
      windowed.acceptRtt(MS, second * SECOND);
      if (second >= 10) expect(windowed.considered).toBe(10);
    }
    expect(condition.isMet).toBe(false);
  });
});

test('a clock that is set back makes it begin anew', () => {
  const condition = watch('p50>50ms/10s');
  for (let at = 0; at < 1_000; at++) condition.acceptRtt(MS, 1_000 * SECOND + at * MS);
  for (let at = 0; at < 20; at++) condition.acceptRtt(100 * MS, at * MS);
  expect(condition).toMatchObject({ isMet: false, considered: 20 });
  for (let at = 0; at < 20; at++) condition.acceptRtt(100 * MS, 10 * SECOND + at * MS);
  expect(condition).toMatchObject({ isMet: true, considered: 20 });
});

describe('for a while', () => {
  /** 40 a second from 0 on, in ms. @returns in which second it came true */
  const metAt = (text: string, rtts: readonly number[]) => {
    const condition = watch(text);
    const at = rtts.findIndex((rtt, second) => {
      for (let n = 0; n < 40; n++) condition.acceptRtt(rtt * MS, second * SECOND + n * 25 * MS);
      return condition.isMet;
    });
    return at < 0 ? undefined : at;
  };
  const slow = (seconds: number) => Array(seconds).fill(100);

  test('it has to be true for so long', () => {
    expect(metAt('min>50ms/1s for 5s', [...slow(6)])).toBeUndefined();
    expect(metAt('min>50ms/1s for 5s', [...slow(8)])).toBe(6);
  });

  test('without a break', () => {
    expect(metAt('min>50ms/1s for 5s', [...slow(5), 1, ...slow(5)])).toBeUndefined();
    expect(metAt('min>50ms/1s for 5s', [...slow(5), 1, ...slow(6)])).toBe(11);
  });

  test('of a share, likewise', () => {
    const condition = watch('retrans>2% for 3s');
    for (const second of [1, 2, 3, 4]) {
      const bytes = second * MS;
      condition.acceptCarried({ time: second * SECOND, bytes, again: bytes / 10 });
      expect(condition.isMet).toBe(second === 4);
    }
    expect(condition.value).toBeCloseTo(0.1);
  });
});

describe('of a count', () => {
  test('samples', () => {
    const condition = watch('samples>=100');
    condition.acceptCount('samples', 99);
    condition.acceptCount('events-lost', 100);
    expect(condition.isMet).toBe(false);
    condition.acceptCount('samples', 100);
    expect(condition.isMet).toBe(true);
  });

  test('RTTs are not asked', () => {
    const condition = watch('events-lost>0');
    for (let at = 0; at < 100; at++) condition.acceptRtt(SECOND, at);
    expect(condition.isMet).toBe(false);
  });
});

describe('of RTTs that the core has counted', () => {
  /** Intervals of 10 s with so many RTTs each, in ms. @returns after how many it has come true, and the watch */
  function metAfterIntervals(
    text: string,
    intervals: readonly (readonly [rtt: number, count: number])[],
  ) {
    const condition = watch(text);
    const at = intervals.findIndex(([rtt, count], index) => {
      const rtts = newCount();
      if (count > 0) rtts.record(rtt * MS, count);
      condition.acceptInterval({
        begin: index * 10 * SECOND,
        end: (index + 1) * 10 * SECOND,
        rtts,
      });
      return condition.isMet;
    });
    return { after: at < 0 ? undefined : at + 1, condition };
  }
  const metIn = (...args: Parameters<typeof metAfterIntervals>) => metAfterIntervals(...args).after;
  const fast = [10, 200] as const;
  const slow = [100, 200] as const;

  test.each([
    ['of the whole run', 'p50>50ms', [fast, slow, slow], 3],
    ['the least is exact', 'min<=10ms', [slow, fast], 2],
    ['so is the most', 'max>=100ms', [fast, slow], 2],
    ['within a window', 'p50>50ms/10s', [fast, fast, slow], 3],
    ['not before it is whole', 'p50>50ms/20s', [slow, slow], 2],
    ['what is older does not count', 'max<50ms/20s', [slow, fast, fast], 3],
    ['too few are not judged', 'p99>50ms/10s', [[100, 99]], undefined],
    [
      'not in one, but in two',
      'p99>50ms/20s',
      [
        [100, 60],
        [100, 60],
      ],
      2,
    ],
  ] as const)('%s: %s', (_, text, intervals, expected) => {
    expect(metIn(text, intervals)).toBe(expected);
  });

  test('for a while: from the end of the first interval at which it was true', () => {
    const text = 'p50>50ms/10s for 20s';
    expect(metIn(text, [slow, slow])).toBeUndefined();
    expect(metIn(text, [slow, slow, slow])).toBe(3);
    expect(metIn(text, [slow, slow, fast, slow, slow])).toBeUndefined();
    expect(metIn(text, [slow, slow, fast, slow, slow, slow])).toBe(6);
  });

  test('an interval without RTTs is a break', () => {
    const none = [0, 0] as const;
    expect(metIn('p50>50ms/10s for 20s', [slow, slow, none, slow, slow])).toBeUndefined();
  });

  test('it has a value, of so many RTTs', () => {
    const { condition } = metAfterIntervals('p99>50ms/20s', [slow, slow]);
    expect(condition).toMatchObject({ isMet: true, considered: 400, value: 100 * MS });
  });

  test('it says why it was not judged', () => {
    const reasonOf = (...args: Parameters<typeof metAfterIntervals>) =>
      metAfterIntervals(...args).condition.unjudged;
    expect(reasonOf('p99>1s', [[0, 0]])).toBe('none');
    expect(reasonOf('p99>1s/20s', [fast])).toBe('window');
    expect(reasonOf('p99>1s', [[10, 99]])).toBe('few');
    expect(reasonOf('p99>1s for 10s', [fast])).toBe('hold');
    expect(reasonOf('p99>1s for 10s', [fast, fast])).toBeUndefined();
  });

  test('counts are not asked', () => {
    expect(metIn('events-lost>0', [slow])).toBeUndefined();
  });
});
