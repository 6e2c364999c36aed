import { expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { OldestFirst } from '../../src/owners/oldest-first.js';

test('the oldest is the one that a map has first, whatever has gone', () => {
  const random = newRandom();
  const [entries, truth] = [new OldestFirst<number, string>(), new Map<number, string>()];
  const remove = (key: number) => {
    entries.delete(key);
    truth.delete(key);
  };
  for (let key = 0; key < 20_000; key++) {
    entries.add(key, String(key));
    truth.set(key, String(key));
    for (let gone = random.below(3); gone > 0; gone--) remove(key - random.below(300));
    if (truth.size > 100) remove([...truth.keys()][0] as number);
    expect({ seed: random.seed, size: entries.size, oldest: entries.oldest }).toEqual({
      seed: random.seed,
      size: truth.size,
      oldest: [...truth][0],
    });
  }
});

test('one that has gone and comes back is the youngest', () => {
  const entries = new OldestFirst<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
  ] as const)
    entries.add(key, value);
  entries.delete('a');
  entries.add('a', 3);
  expect(entries.oldest).toEqual(['b', 2]);
  entries.delete('b');
  expect(entries.oldest).toEqual(['a', 3]);
  expect([entries.get('a'), entries.get('b')]).toEqual([3, undefined]);
});

test('one that is renewed is the youngest, whatever has gone and come back', () => {
  const random = newRandom();
  const [entries, truth] = [new OldestFirst<number, string>(), new Map<number, string>()];
  for (let step = 0; step < 5_000; step++) {
    const key = random.below(200);
    const value = truth.get(key) ?? String(step);
    const isThere = truth.delete(key);
    const isToGo = isThere && random.below(3) === 0;
    if (!isThere) entries.add(key, value);
    else if (isToGo) entries.delete(key);
    else entries.renew(key);
    if (!isToGo) truth.set(key, value);
    expect({ seed: random.seed, size: entries.size, oldest: entries.oldest }).toEqual({
      seed: random.seed,
      size: truth.size,
      oldest: [...truth][0],
    });
  }
});

test('one that is not there is not renewed', () => {
  const entries = new OldestFirst<string, number>();
  entries.renew('a');
  expect([entries.size, entries.oldest]).toEqual([0, undefined]);
});

test('of none there is none', () => {
  expect(new OldestFirst<string, number>().oldest).toBeUndefined();
});
