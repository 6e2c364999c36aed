import { expect, test } from '@jest/globals';
import { wrapped } from '../../src/text/wrapped.js';

test('what fits stays as it is', () => {
  expect(wrapped('two words', 9)).toEqual(['two words']);
  expect(wrapped('')).toEqual(['']);
  expect(wrapped('x'.repeat(80))).toEqual(['x'.repeat(80)]);
});

test('what does not is broken between words, and goes on further in', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', '  three', '  four']);
  expect(wrapped('  one two three', 9)).toEqual(['  one two', '    three']);
});

test('a space just behind the edge is where it breaks', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', '  three']);
});

test('a word that is too long stays whole', () => {
  expect(wrapped('thousands', 4)).toEqual(['thousands']);
  expect(wrapped('a thousands of it', 4)).toEqual(['a', '  thousands', '  of', '  it']);
});
