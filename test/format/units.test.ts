import { describe, expect, test } from '@jest/globals';
import { parseDuration } from '../../src/cli/duration.js';
import { byteCount, count, durationText, milliseconds, percent } from '../../src/format/units.js';
import { newRandom } from '../helpers/random.js';

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

test('one is not many', () => {
  expect([0, 1, 2].map((n) => count(n, 'flow'))).toEqual(['0 flows', '1 flow', '2 flows']);
});

test('a share is a whole percentage, also of nothing', () => {
  expect([percent(1, 3), percent(3, 3), percent(0, 0)]).toEqual(['33 %', '100 %', '0 %']);
});
