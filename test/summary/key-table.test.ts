import { describe, expect, test } from '@jest/globals';
import { NameTable } from '../../src/summary/key-table.js';

function filled(most: number, names: readonly string[]): NameTable {
  const table = new NameTable(most);
  for (const name of names) {
    const found = table.numberOf(name);
    if (found >= 0) table.touch(found);
    else table.addName(name);
  }
  return table;
}

test('a name has a number once it is added', () => {
  const table = filled(4, ['a', 'b']);
  expect(['a', 'b', 'c'].map((name) => table.numberOf(name))).toEqual([0, 1, -1]);
  expect([0, 1].map((at) => table.nameOf(at))).toEqual(['a', 'b']);
  expect(table).toMatchObject({ size: 2, forgotten: 0 });
});

describe('where there is no room', () => {
  test('one makes room that was not touched since, and is counted', () => {
    const table = filled(3, ['a', 'b', 'c', 'a', 'c', 'd']);
    expect(['a', 'b', 'c', 'd'].map((name) => table.numberOf(name))).toEqual([0, -1, 2, 1]);
    expect(table).toMatchObject({ size: 3, forgotten: 1 });
  });

  test('its number has another life then', () => {
    const table = filled(1, ['a']);
    const life = table.lifeOf(0);
    expect(table.addName('b')).toBe(0);
    expect(table.lifeOf(0)).not.toBe(life);
  });
});
