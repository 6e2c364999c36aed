import { describe, expect, test } from '@jest/globals';
import { shortened } from '../../src/text/shortened.js';

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
