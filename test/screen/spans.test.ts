import { describe, expect, test } from '@jest/globals';
import { lineOf, type Span, shortened } from '../../src/screen/spans.js';
import { COLORED, COLORLESS } from '../helpers/screen.js';

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

describe('a name', () => {
  test.each([
    ['10.0.0.1', 8, '10.0.0.1'],
    ['10.0.0.1', 12, '10.0.0.1    '],
    ['[2001:db8::1]:443', 16, '[2001:db…:1]:443'],
    ['0123456789', 9, '0123…6789'],
    ['0123456789', 4, '01…9'],
    ['0123456789', 1, '…'],
  ])('%s in %d columns is %s', (name, width, text) => {
    expect(shortened(name, width)).toBe(text);
    expect(text).toHaveLength(width);
  });
});
