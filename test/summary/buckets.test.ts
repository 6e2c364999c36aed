import { describe, expect, test } from '@jest/globals';
import { longestIn } from '../../src/summary/buckets.js';

const HOUR = 3_600e9;

describe('the longest RTT that may be in a bucket', () => {
  test.each([
    ['of the first one', 0, 1_023],
    ['of the first octave', 1_024, 1_055],
    ['of the one that has 50 us in it', 49_152, 50_175],
    ['of the one that has 1 ms in it', 999_424, 1_015_807],
    ['of the last one with an end', 63 * 2 ** 30, 2 ** 36 - 1],
  ])('%s', (_, from, longest) => expect(longestIn(from, HOUR)).toBe(longest));

  test('is none that there was not', () => {
    expect(longestIn(49_152, 49_800)).toBe(49_800);
    expect(longestIn(2 ** 36, HOUR)).toBe(HOUR);
  });

  test('is in the bucket, even if the most has come too late', () => {
    expect(longestIn(49_152, 40_000)).toBe(49_152);
  });
});
