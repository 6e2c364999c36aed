import { describe, expect, test } from '@jest/globals';
import { lineOf, type Span } from '../../src/screen/spans.js';
import { COLORED, COLORLESS } from '../helpers/command/screen.js';

describe('a line', () => {
  const spans: Span[] = [['ab'], ['cd', 'red'], ['ef', 'dim']];

  test.each([
    [0, ''],
    [1, 'a'],
    [3, 'abc'],
    [6, 'abcdef'],
    [99, 'abcdef'],
  ])('of at most %d columns', (width, text) => {
    expect(lineOf(spans, width, COLORLESS)).toBe(text);
  });

  test('is coloured after it was cut: no colour is left open, and none counts as a column', () => {
    expect(lineOf(spans, 3, COLORED)).toBe('ab\x1b[31mc\x1b[39m');
    expect(lineOf(spans, 6, COLORED)).toBe('ab\x1b[31mcd\x1b[39m\x1b[2mef\x1b[22m');
  });
});
