import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseSeconds } from '../../src/options/duration.js';

const SECOND = 1_000_000_000n;
const CENTURY_MINUTES = 52_560_000n;

describe('a duration', () => {
  test.each([
    ['0', 0n],
    ['0s', 0n],
    ['1ns', 1n],
    ['1us', 1_000n],
    ['100ms', 100_000_000n],
    ['1s', SECOND],
    ['2m', 120n * SECOND],
    ['1h', 3600n * SECOND],
    ['0.5h', 1800n * SECOND],
    ['1.5s', 1_500_000_000n],
    ['0.25ms', 250_000n],
    ['007s', 7n * SECOND],
    ['1.000000001s', 1_000_000_001n],
    ['9007199.254740993s', 9_007_199_254_740_993n],
  ])('%s is exact', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  test.each([
    ['1.9ns', 1n],
    ['0.0000000019s', 1n],
    ['0.99999999999999999999s', SECOND - 1n],
  ])('%s is cut to nanoseconds', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  test.each(['0.9ns', '0.0000000001s', '0.0000000000000001h'])('%s is not 0', (text) => {
    expect(() => parseDuration(text)).toThrow(`${text} is shorter than a nanosecond`);
  });

  test.each(['0.0ns', '0.000s'])('%s is 0', (text) => {
    expect(parseDuration(text)).toBe(0n);
  });

  test.each([
    '',
    ' ',
    's',
    'ms',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1s\n',
    '.5s',
    '1.s',
    '1,5s',
    '1e3s',
    '0x10s',
    '1S',
    '1d',
    '1H',
    '1sec',
    '1s2ms',
    '١s',
    'Infinity',
    'constructor',
    '1constructor',
  ])('%j is none, and the message quotes it', (text) => {
    expect(() => parseDuration(text)).toThrow(`${JSON.stringify(text)} is not a duration`);
  });

  test.each(['1', '100', '0.5', '00'])('%s lacks its unit, and the message offers some', (text) => {
    expect(() => parseDuration(text)).toThrow(
      `a duration needs a unit, such as ${text}ms or ${text}s (units: ns us ms s m h)`,
    );
  });

  test('is a century at most', () => {
    expect(parseDuration(`${CENTURY_MINUTES}m`)).toBe(CENTURY_MINUTES * 60n * SECOND);
    for (const text of [
      `${CENTURY_MINUTES}.1m`,
      `${CENTURY_MINUTES + 1n}m`,
      `${'9'.repeat(400)}ns`,
    ]) {
      expect(() => parseDuration(text)).toThrow(`${text} is longer than a century`);
    }
  });
});

describe('where seconds are understood', () => {
  test.each([
    ['10', 10n * SECOND],
    ['0.5', SECOND / 2n],
    ['0', 0n],
    ['100ms', SECOND / 10n],
    ['2m', 120n * SECOND],
  ])('%s is right with and without unit', (text, nanoseconds) => {
    expect(parseSeconds(text)).toBe(nanoseconds);
  });

  test.each(['', '-1', '1.', '.5', 'ten'])('%j is still no duration', (text) => {
    expect(() => parseSeconds(text)).toThrow('is not a duration');
  });
});
