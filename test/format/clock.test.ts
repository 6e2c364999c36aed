import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';

/** Local time, so that this holds in any time zone. */
const BASE = BigInt(new Date(2026, 0, 15, 16, 0, 46).getTime()) * 1_000_000n;
const SECOND = 1_000_000_000n;

describe('nanoseconds since the epoch', () => {
  test('the offset is added, exactly', () => {
    expect(new Clock(1_767_225_600_123_456_789n).epoch(1n)).toBe(1_767_225_600_123_456_790n);
  });

  test('a new offset holds from then on', () => {
    const clock = new Clock(BASE);
    clock.offset = BASE + 5n;
    expect(clock.epoch(7n)).toBe(BASE + 12n);
  });
});

describe('time of day', () => {
  test('in UTC it is the same everywhere', () => {
    expect(new Clock(1_767_225_600_123_456_789n, { zone: 'utc' }).timeOfDay(0n)).toBe(
      '00:00:00.123456',
    );
  });

  test.each([
    [0n, '16:00:46.000000'],
    [147_705_000n, '16:00:46.147705'],
    [1_000n, '16:00:46.000001'],
    [999n, '16:00:46.000000'],
    [999_999_999n, '16:00:46.999999'],
    [SECOND, '16:00:47.000000'],
    [13n * SECOND + 999_999_999n, '16:00:59.999999'],
    [14n * SECOND, '16:01:00.000000'],
  ])('%d ns later it is %s: cut, not rounded', (later, text) => {
    expect(new Clock(BASE).timeOfDay(later)).toBe(text);
  });

  test.each([
    ['midnight', new Date(2026, 0, 15, 0, 0, 0), '00:00:00.000000'],
    ['an early hour', new Date(2026, 0, 15, 1, 2, 3), '01:02:03.000000'],
    ['the last second of a day', new Date(2026, 0, 15, 23, 59, 59), '23:59:59.000000'],
  ])('%s has all its digits', (_, date, text) => {
    expect(new Clock(BigInt(date.getTime()) * 1_000_000n).timeOfDay(0n)).toBe(text);
  });

  test('the second is right whatever was asked for before', () => {
    const clock = new Clock(BASE);
    const times = [0n, 1_000n, SECOND, 1_000n, 2n * SECOND, SECOND + 999_000n];
    expect(times.map((time) => clock.timeOfDay(time))).toEqual([
      '16:00:46.000000',
      '16:00:46.000001',
      '16:00:47.000000',
      '16:00:46.000001',
      '16:00:48.000000',
      '16:00:47.000999',
    ]);
  });

  test('a step of the system clock shows at once', () => {
    const clock = new Clock(BASE);
    clock.timeOfDay(0n);
    clock.offset = BASE + 10n * SECOND;
    expect(clock.timeOfDay(0n)).toBe('16:00:56.000000');
  });
});
