import { expect, test } from '@jest/globals';
import { isOneTypoFrom } from '../../src/text/typo.js';

test.each([
  ['dcotor', 'doctor'],
  ['reprot', 'report'],
  ['competion', 'completion'],
  ['ccompletion', 'completion'],
  ['doctr', 'doctor'],
  ['octor', 'doctor'],
  ['reporr', 'report'],
  ['repotr', 'report'],
])('%s is one typo from %s', (word, meant) => expect(isOneTypoFrom(word, meant)).toBe(true));

test.each([
  ['report', 'report'],
  ['', 'report'],
  ['rpoert', 'report'],
  ['reports1', 'report'],
  ['doc', 'doctor'],
  ['port', 'report'],
])('%j is not one from %s', (word, meant) => expect(isOneTypoFrom(word, meant)).toBe(false));
