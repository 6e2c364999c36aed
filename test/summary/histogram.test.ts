import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { Histogram } from '../../src/summary/histogram.js';

function histogramOf(values: readonly number[], partBits?: number): Histogram {
  const histogram = new Histogram(partBits);
  for (const value of values) histogram.record(value);
  return histogram;
}

/** The extremes are kept exactly: these are not to help. Nor are they far away: all between takes memory. */
const between = (value: number) => [Math.floor(value / 2), value, Math.min(2 * value, 2 ** 53)];

const median = (...values: number[]) => histogramOf(values).percentile(50);

test('of nothing there is no percentile', () => {
  expect(median()).toBeNaN();
});

describe('one value is every percentile of itself', () => {
  const powers = Array.from({ length: 54 }, (_, power) => 2 ** power);
  const around = powers.flatMap((power) => [power - 1, power, power + 1]);
  test.each(around.filter((value) => value <= 2 ** 53))('%d', (value) => {
    const histogram = histogramOf([value]);
    expect([0, 50, 100].map((percent) => histogram.percentile(percent))).toEqual(
      Array(3).fill(value),
    );
  });
});

test('values below 4096 are exact', () => {
  const values = Array.from({ length: 4096 }, (_, value) => value);
  const histogram = histogramOf(values);
  for (const percent of [1, 10, 50, 99.9, 100]) {
    expect(histogram.percentile(percent)).toBe(Math.ceil((percent / 100) * 4096) - 1);
  }
});

test('others are close to the truth, wherever they are', () => {
  const random = newRandom();
  for (let round = 0; round < 10_000; round++) {
    const value = Math.floor(2 ** (random.below(53_000) / 1_000));
    const seen = median(...between(value));
    expect({ seed: random.seed, value, isClose: Math.abs(seen - value) <= value / 4_000 }).toEqual({
      seed: random.seed,
      value,
      isClose: true,
    });
  }
});

test('each is counted', () => {
  const histogram = histogramOf([...Array(99).fill(5), 1_000_000]);
  expect([99, 99.1].map((percent) => histogram.percentile(percent))).toEqual([5, 1_000_000]);
});

describe('more than 65,535 of one value', () => {
  const MANY = 65_536;
  /** How many are below 15, and below 25, and there at all. */
  const counts = (histogram: Histogram) => [
    histogram.countBelow(15),
    histogram.countBelow(25),
    histogram.total,
  ];

  test.each([MANY - 1, MANY, MANY + 1, 3 * MANY, 2 ** 40])('%d are counted', (times) => {
    const histogram = histogramOf([20]);
    histogram.record(10, times);
    expect(counts(histogram)).toEqual([times, times + 1, times + 1]);
  });

  test('are counted one by one', () => {
    const histogram = histogramOf([20]);
    for (let times = 0; times < 2 * MANY; times++) histogram.record(10);
    expect(counts(histogram)).toEqual([2 * MANY, 2 * MANY + 1, 2 * MANY + 1]);
  });

  test('remain so where other octaves come', () => {
    const histogram = histogramOf([20]);
    histogram.record(10, MANY);
    histogram.record(2 ** 30);
    histogram.record(10, MANY);
    expect(counts(histogram)).toEqual([2 * MANY, 2 * MANY + 1, 2 * MANY + 2]);
  });

  test('are the sum of two that have fewer', () => {
    const [histogram, other] = [histogramOf([20]), histogramOf([20])];
    histogram.record(10, MANY - 1);
    other.record(10, MANY - 1);
    histogram.add(other);
    expect(counts(histogram)).toEqual([2 * MANY - 2, 2 * MANY, 2 * MANY]);
    expect(counts(other)).toEqual([MANY - 1, MANY, MANY]);
  });

  test('are forgotten once it is cleared', () => {
    const histogram = histogramOf([20]);
    histogram.record(10, MANY);
    histogram.clear();
    histogram.record(10, 17);
    expect(counts(histogram)).toEqual([17, 17, 17]);
  });
});

describe('a small one', () => {
  const small = (...values: number[]) => histogramOf(values, 6);

  test('is exact below 128', () => {
    const values = Array.from({ length: 128 }, (_, value) => value);
    const histogram = small(...values);
    for (const value of values) expect(histogram.countBelow(value)).toBe(value);
  });

  test('is close to the truth elsewhere, to one part in 128', () => {
    const random = newRandom();
    for (let round = 0; round < 2_000; round++) {
      const value = Math.floor(2 ** (random.below(53_000) / 1_000));
      const seen = small(...between(value)).percentile(50);
      expect({ seed: random.seed, value, isClose: Math.abs(seen - value) <= value / 128 }).toEqual({
        seed: random.seed,
        value,
        isClose: true,
      });
    }
  });

  test('takes no memory for octaves as long as it has few values', () => {
    expect(arraysDuring(() => small(...Array(8).fill([1, 1e9]).flat()))).toBe(0);
    expect(arraysDuring(() => small(...Array(8).fill([1, 1e9]).flat(), 1))).toBe(1);
  });

  test.each([
    ['of all sizes', [1, 1e3, 1e6, 1e9]],
    ['all alike', [1_000_000]],
  ])('takes memory only for what is in it: %s', (_, values) => {
    const octaves = new Set(values.map((value) => Math.max(0, Math.floor(Math.log2(value)) - 5)));
    const all = values.flatMap((value) => Array<number>(1_201).fill(value));
    expect(arraysDuring(() => small(...all))).toBe(octaves.size);
  });
});

describe('few values or many, alone or put together, in whatever order: their parts are what is told', () => {
  const percents = [0, 1, 25, 50, 75, 90, 99, 100];

  /** The middle of the part that it is in. */
  function middleOf(value: number, partBits: number): number {
    const width = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(value, 1))) - partBits);
    return Math.floor(value / width) * width + (width > 1 ? width / 2 : 0);
  }

  function expected(values: readonly number[], partBits: number) {
    const sorted = [...values].sort((a, b) => a - b);
    const [least = Number.POSITIVE_INFINITY, most = 0] = [sorted[0], sorted.at(-1)];
    const percentile = (percent: number) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
      const value = sorted[rank - 1];
      if (value === undefined || rank === sorted.length) return value === undefined ? NaN : most;
      return Math.min(Math.max(middleOf(value, partBits), least), most);
    };
    const told = { total: sorted.length, least, most };
    const below = values.map(
      (limit) => sorted.filter((value) => middleOf(value, partBits) < limit).length,
    );
    return { ...told, percentiles: percents.map(percentile), below };
  }

  const facts = (histogram: Histogram, values: readonly number[]) => ({
    total: histogram.total,
    least: histogram.least,
    most: histogram.most,
    percentiles: histogram.percentiles(percents),
    below: values.map((value) => histogram.countBelow(value)),
  });

  test.each([5, 6, 8, 11])('parts of %d bits', (partBits) => {
    const random = newRandom();
    for (let round = 0; round < 40; round++) {
      const spread = 10_000 + random.below(43_000);
      const some = () =>
        Array.from({ length: random.below(40) }, () =>
          Math.floor(2 ** (random.below(spread) / 1_000)),
        );
      const [first, second, third] = [some(), some(), some()];
      const sum = histogramOf(first, partBits);
      sum.add(histogramOf(second, partBits));
      for (const value of third) sum.record(value, 3);
      const all = [...first, ...second, ...third, ...third, ...third];
      expect({ seed: random.seed, ...facts(sum, all) }).toEqual({
        seed: random.seed,
        ...expected(all, partBits),
      });
      sum.clear();
      for (const value of second) sum.record(value);
      expect(facts(sum, second)).toEqual(expected(second, partBits));
    }
  });
});

describe('how many are below a value', () => {
  const histogram = histogramOf([5, 5, 7, 1_000, 1_000_000]);

  test.each([
    [0, 0],
    [5, 0],
    [6, 2],
    [8, 3],
    [1_001, 4],
    [990_000, 4],
    [1_010_000, 5],
    [2 ** 53, 5],
  ])('%d', (value, count) => expect(histogram.countBelow(value)).toBe(count));

  test('of nothing: none', () => {
    expect(histogramOf([]).countBelow(2 ** 53)).toBe(0);
  });

  test('never falls, and is close to the truth', () => {
    const random = newRandom();
    const values = Array.from({ length: 999 }, () =>
      Math.floor(2 ** (random.below(40_000) / 1_000)),
    );
    const all = histogramOf(values);
    let before = 0;
    for (let bits = 0; bits < 40; bits += 0.1) {
      const value = 2 ** bits;
      const count = all.countBelow(value);
      const [least, most] = [0.999, 1.001].map(
        (factor) => values.filter((each) => each < value * factor).length,
      );
      const isRight = count >= before && count >= (least ?? 0) && count <= (most ?? 0);
      expect({ seed: random.seed, value, isRight }).toEqual({
        seed: random.seed,
        value,
        isRight: true,
      });
      before = count;
    }
  });
});

describe('two that are added', () => {
  test('are as if all had been recorded in one', () => {
    const random = newRandom();
    const parts = [0, 1].map(() => Array.from({ length: 500 }, () => random.below(2 ** 30)));
    const [first = [], second = []] = parts;
    const sum = histogramOf(first);
    sum.add(histogramOf(second));
    const whole = histogramOf([...first, ...second]);
    const facts = ({ total, least, most }: Histogram) => ({
      seed: random.seed,
      total,
      least,
      most,
    });
    expect(facts(sum)).toEqual(facts(whole));
    for (let percent = 0; percent <= 100; percent++) {
      expect(sum.percentile(percent)).toBe(whole.percentile(percent));
    }
  });

  test('leave the one that is added as it was, whatever comes later', () => {
    const [sum, added] = [histogramOf([1]), histogramOf([1_000_000])];
    sum.add(added);
    sum.record(1_000_000);
    added.record(1_000_000);
    expect([sum.total, added.total]).toEqual([3, 2]);
    expect(added.percentile(1)).toBe(1_000_000);
  });

  test('may be empty', () => {
    const sum = histogramOf([]);
    sum.add(histogramOf([]));
    expect([sum.total, sum.least, sum.most]).toEqual([0, Number.POSITIVE_INFINITY, 0]);
    sum.add(histogramOf([7]));
    sum.add(histogramOf([]));
    expect([sum.total, sum.least, sum.most]).toEqual([1, 7, 7]);
  });
});

describe('how far the values of another are above a base', () => {
  test('is counted in whole units, each as often as it occurred; what is below is nothing', () => {
    const values = histogramOf([40, 50, 50, 57, 63, 90]);
    const above = new Histogram(6);
    above.addAbove(values, 50, 4);
    above.addAbove(values, 80, 4);
    expect(above.total).toBe(12);
    const counts = [1, 2, 3, 4, 10, 11].map((value) => above.countBelow(value));
    // Of the first 3 are not above it at all, 57 by one unit, 63 by 3, 90 by 10; of the second 90 by 2.
    expect(counts).toEqual([8, 9, 10, 11, 11, 12]);
  });

  test('is as exact as both are', () => {
    const above = new Histogram(6);
    above.addAbove(histogramOf([12_345_678_901], 8), 10_000_000_000, 1_000);
    expect(Math.abs(above.percentile(50) / 2_345_678 - 1)).toBeLessThan(0.02);
  });
});

/** How many arrays are made meanwhile, of narrow counts and of wide ones. */
function arraysDuring(work: () => unknown): number {
  const narrow = globalThis.Uint16Array;
  const wide = globalThis.Float64Array;
  let made = 0;
  const counting = <Type extends object>(original: Type) =>
    new Proxy(original, {
      construct(target, args) {
        made++;
        return Reflect.construct(target as unknown as new () => object, args);
      },
    });
  Object.assign(globalThis, { Uint16Array: counting(narrow), Float64Array: counting(wide) });
  try {
    work();
  } finally {
    Object.assign(globalThis, { Uint16Array: narrow, Float64Array: wide });
  }
  return made;
}

test('several percentiles in one walk are those of one each', () => {
  const histogram = new Histogram();
  for (let n = 0; n < 999; n++) histogram.record((n * 7_919) % 50_021);
  const percents = [0, 1, 50, 50, 90, 99, 100];
  expect(histogram.percentiles(percents)).toEqual(
    percents.map((each) => histogram.percentile(each)),
  );
  expect(new Histogram().percentiles([50, 90])).toEqual([Number.NaN, Number.NaN]);
});
