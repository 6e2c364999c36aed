import { expect, test } from '@jest/globals';
import { rangeWithin, shifted, wholeRange, zoomed } from '../../src/report/page/range.js';
import {
  countText,
  msText,
  quantity,
  spanText,
  tickText,
  timeText,
  timeTickText,
} from '../../src/report/page/text.js';
import { linearTicks, logTicks } from '../../src/report/page/ticks.js';

test.each([
  [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0, 97, 5, [0, 20, 40, 60, 80]],
  [12.1, 12.9, 4, [12.2, 12.4, 12.6, 12.8]],
  [5, 5, 5, [5]],
])('linear, from %d to %d', (min, max, most, expected) => {
  expect(linearTicks(min, max, most)).toEqual(expected);
});

test.each([
  [1, 100, 10, [1, 2, 5, 10, 20, 50, 100]],
  [0.02, 3, 4, [0.1, 1]],
  [20, 80, 8, [20, 30, 40, 50, 60, 70, 80]],
  [21, 24, 8, [21, 21.5, 22, 22.5, 23, 23.5, 24]],
  [1e-6, 1e6, 5, [1e-6, 1e-3, 1, 1e3, 1e6]],
])('logarithmic, from %d to %d', (min, max, most, expected) => {
  const ticks = logTicks(min, max, most);
  expect(ticks).toEqual(expected);
  expect(ticks.length).toBeLessThanOrEqual(most);
  expect(ticks.every((tick) => tick >= min && tick <= max)).toBe(true);
});

test('numbers and times as text', () => {
  expect([999, 1000, 1_234_567].map(countText)).toEqual(['999', '1,000', '1,234,567']);
  expect([quantity(1, 'line'), quantity(0, 'line')]).toEqual(['1 line', '0 lines']);
  expect([0, 20_044_486, 4_294_967_297_000].map(msText)).toEqual([
    ...['0.000 ms', '20.044 ms', '4,294,967.297 ms'],
  ]);
  expect([0.1 + 0.2, 1e-6, 2000].map(tickText)).toEqual(['0.3', '0.000001', '2,000']);
  const noon = Date.UTC(2026, 10, 20, 12, 34, 56, 789);
  expect(timeText(noon)).toBe('2026-11-20 12:34:56.789');
  expect([1, 1000, 60_000, 86_400_000].map((apart) => timeTickText(noon, apart))).toEqual([
    ...['12:34:56.789', '12:34:56', '12:34', '2026-11-20'],
  ]);
  expect(timeTickText(Date.UTC(2026, 10, 20), 3_600_000)).toBe('2026-11-20');
});

test.each([
  [0, '0 s'],
  [12, '0.012 s'],
  [24_030, '24 s'],
  [59_970, '60 s'],
  [60_000, '1 min'],
  [250_000, '4 min 10 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('a range stays within the whole, and is never too short', () => {
  const whole = wholeRange(1000, 2000);
  expect(whole).toEqual({ from: 990, to: 2010 });
  expect(rangeWithin(whole, { from: 0, to: 1e6 })).toEqual(whole);
  expect(rangeWithin(whole, { from: 1500, to: 1501 })).toEqual({ from: 1495.5, to: 1505.5 });
  expect(rangeWithin(whole, { from: 1900, to: 2100 })).toEqual({ from: 1810, to: 2010 });
  expect(zoomed({ from: 100, to: 200 }, 0.5)).toEqual({ from: 125, to: 175 });
  expect(shifted({ from: 100, to: 200 }, -0.25)).toEqual({ from: 75, to: 175 });
});
