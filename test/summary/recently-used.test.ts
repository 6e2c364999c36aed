import { describe, expect, test } from '@jest/globals';
import { type Memorable, Remembered } from '../../src/summary/recently-used.js';

function thing(key: string): Memorable {
  return { key, touched: 0, isForgotten: true };
}

function remembering(most: number, keys: string) {
  const remembered = new Remembered(most);
  const things = Object.fromEntries([...keys].map((key) => [key, thing(key)]));
  for (const each of Object.values(things)) remembered.touch(each);
  return { remembered, things };
}

const keysOf = (remembered: Remembered<Memorable>) =>
  remembered
    .values()
    .map(({ key }) => key)
    .join('');

test('what was touched is there, once, by its key', () => {
  const { remembered, things } = remembering(9, 'abc');
  expect(remembered.touch(things.b as Memorable)).toBe(things.b);
  expect(keysOf(remembered)).toBe('abc');
  expect(remembered.size).toBe(3);
  expect(remembered.get('b')).toBe(things.b);
  expect(remembered.get('x')).toBeUndefined();
});

test('what is forgotten is gone, and not counted as having made room', () => {
  const { remembered, things } = remembering(9, 'abc');
  remembered.forget(things.b as Memorable);
  expect({ keys: keysOf(remembered), forgotten: remembered.forgotten }).toEqual({
    keys: 'ac',
    forgotten: 0,
  });
  expect(things.b?.isForgotten).toBe(true);
});

describe('when it is full', () => {
  test.each([
    ['abcd', '', 'e', 'cde', 2],
    ['abcd', 'a', 'e', 'ade', 2],
    ['abcd', 'ab', 'e', 'abe', 2],
    ['abcd', '', 'd', 'abcd', 0],
    ['abcd', '', 'ef', 'cdef', 2],
    ['abcd', '', 'efg', 'efg', 4],
    ['abc', '', 'd', 'cd', 2],
  ])(
    '%s, touched again %j, then %j: %s are left, %d forgotten',
    (first, again, then, left, forgotten) => {
      const { remembered, things } = remembering(first.length, first);
      for (const key of again) remembered.touch(things[key] as Memorable);
      for (const key of then) remembered.touch(things[key] ?? thing(key));
      expect({ left: keysOf(remembered), forgotten: remembered.forgotten }).toEqual({
        left,
        forgotten,
      });
    },
  );

  test('it never holds more', () => {
    const remembered = new Remembered(5);
    for (let number = 0; number < 1_201; number++) {
      remembered.touch(thing(String(number)));
      expect(remembered.size).toBeLessThanOrEqual(5);
      expect(remembered.get(String(number))).toBeDefined();
    }
    expect(remembered.forgotten + remembered.size).toBe(1_201);
  });

  test('with room for one only, the last is there', () => {
    expect(keysOf(remembering(1, 'abc').remembered)).toBe('c');
  });
});

describe('what comes back', () => {
  test('is there again, and the youngest', () => {
    const { remembered, things } = remembering(2, 'abc');
    expect(keysOf(remembered)).toBe('bc');
    expect(remembered.touch(things.a as Memorable)).toBe(things.a);
    expect(keysOf(remembered)).toBe('ca');
  });

  test('gives way to another that has its key by now', () => {
    const { remembered, things } = remembering(2, 'abc');
    const another = thing('a');
    remembered.touch(another);
    expect(remembered.touch(things.a as Memorable)).toBe(another);
    expect(remembered.values()).toContain(another);
    expect(things.a?.isForgotten).toBe(true);
  });
});
