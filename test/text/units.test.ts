import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { parseDuration } from '../../src/options/duration.js';
import {
  byteCount,
  count,
  durationText,
  milliseconds,
  percent,
  significant,
} from '../../src/text/units.js';

const SECOND = 1_000_000_000n;

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [2.5e9, '2.5 GB'],
  [7.2e15, '7200.0 TB'],
])('%d bytes are %s', (bytes, text) => expect(byteCount(bytes)).toBe(text));

describe('a duration as text', () => {
  test.each([
    [100_000_000n, '100ms'],
    [1_500_000n, '1500us'],
    [60n * SECOND, '1m'],
    [90n * SECOND, '90s'],
    [300n * SECOND, '5m'],
    [1_001n, '1001ns'],
  ])('%d ns is %s: the largest unit that is exact', (nanoseconds, text) => {
    expect(durationText(nanoseconds)).toBe(text);
  });

  test('every duration reads back as itself', () => {
    const random = newRandom();
    const units = [1n, 1_000n, 1_000_000n, SECOND, 60n * SECOND];
    for (let round = 0; round < 501; round++) {
      const nanoseconds = BigInt(random.below(100_000)) * (units[round % units.length] ?? 1n);
      const { seed } = random;
      expect({ seed, back: parseDuration(durationText(nanoseconds)) }).toEqual({
        seed,
        back: nanoseconds,
      });
    }
  });
});

test('an RTT is in milliseconds, to the microsecond', () => {
  expect([0, 1_499, 5_425_000, 1e12].map(milliseconds)).toEqual([
    '0.000 ms',
    '0.001 ms',
    '5.425 ms',
    '1000000.000 ms',
  ]);
});

describe('three digits that mean something', () => {
  test.each([
    [0, '0.000'],
    [0.0504, '0.050'],
    [0.9994, '0.999'],
    [0.9996, '1.00'],
    [1.234, '1.23'],
    [9.994, '9.99'],
    [9.996, '10.0'],
    [12.34, '12.3'],
    [99.94, '99.9'],
    [99.96, '100'],
    [1_234.5, '1235'],
  ])('of %d are %s', (number, text) => expect(significant(number)).toBe(text));

  test('never get longer by rounding, up to where a column ends', () => {
    for (let number = 0.001; number < 1_500; number *= 1.013) {
      const text = significant(number);
      const isRight =
        text.length <= 5 && Math.abs(Number(text) - number) <= Math.max(0.000501, number / 199);
      expect({ number, text, isRight }).toEqual({ number, text, isRight: true });
    }
  });
});

test('one is not many', () => {
  expect([0, 1, 2].map((n) => count(n, 'flow'))).toEqual(['0 flows', '1 flow', '2 flows']);
});

test('a share is a whole percentage, also of nothing', () => {
  expect([percent(1, 3), percent(3, 3), percent(0, 0)]).toEqual(['33 %', '100 %', '0 %']);
});

test('only nothing is 0 %, and only the whole is 100 %', () => {
  const shares = [percent(0, 999), percent(1, 999), percent(998, 999), percent(999, 999)];
  expect(shares).toEqual(['0 %', '<1 %', '>99 %', '100 %']);
});
