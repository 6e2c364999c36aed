import { expect, test } from '@jest/globals';
import { addTo } from '../../src/screen/bounded.js';

test('what is new is added, and what is not is told', () => {
  const set = new Set<string>();
  expect([addTo(set, 'a', 2), addTo(set, 'b', 2), addTo(set, 'a', 2)]).toEqual([true, true, false]);
  expect([...set]).toEqual(['a', 'b']);
});

test('where there is no room the one that came first goes, and is new when it comes back', () => {
  const set = new Set(['a', 'b']);
  addTo(set, 'c', 2);
  expect([...set]).toEqual(['b', 'c']);
  expect(addTo(set, 'a', 2)).toBe(true);
});
