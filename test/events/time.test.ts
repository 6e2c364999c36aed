import { expect, test } from '@jest/globals';
import { timeOf } from '../../src/events/time.js';

test.each([0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n])(
  'of %d, whole or in halves',
  (time) => {
    const timestampHigh = Number(time >> 32n);
    const timestampLow = Number(time & 0xffff_ffffn);
    expect(timeOf({ timestamp: time })).toBe(Number(time));
    // A BigInt costs more than it is worth: it is not asked for.
    expect(timeOf({ timestamp: -1n, timestampHigh, timestampLow })).toBe(Number(time));
  },
);
