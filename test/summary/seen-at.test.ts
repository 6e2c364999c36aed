import { describe, expect, test } from '@jest/globals';
import type { SeenAt } from '../../src/events/places.js';
import { BySeenAt } from '../../src/summary/seen-at.js';

const at = (name: string): SeenAt => ({ capture: undefined, interface: name });
const MILLISECOND = 1_000_000;

/** Names by place; a place without one has none. */
function recorded(names: readonly (string | undefined)[], ...places: readonly number[]) {
  const groups = new BySeenAt((place) => {
    const name = names[place];
    return name === undefined ? undefined : at(name);
  });
  for (const place of places) groups.record(place, (place + 1) * MILLISECOND, 'ack');
  return groups;
}

const told = (groups: BySeenAt) =>
  groups.of('all').map(({ seenAt, rtts }) => [seenAt?.interface, rtts.total]);

test('RTTs are told by name, in the order in which names came', () => {
  expect(told(recorded(['a', 'b'], 1, 0, 1))).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test('places of one name, such as its VLANs, are one', () => {
  expect(told(recorded(['a', 'b', 'a'], 0, 1, 2))).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('nothing is told where all are of one', () => {
  expect(told(recorded(['a', 'a'], 0, 1))).toEqual([]);
  expect(told(recorded([], 0, 1))).toEqual([]);
});

test('those without a name are together', () => {
  expect(told(recorded(['a'], 0, 1, 2))).toEqual([
    ['a', 1],
    [undefined, 2],
  ]);
});

test('of a hundred names, those beyond the first are together', () => {
  const names = Array.from({ length: 100 }, (_, index) => `eth${index}`);
  const groups = told(recorded(names, ...names.keys()));
  expect(groups).toHaveLength(65);
  expect(groups.at(-1)).toEqual([undefined, 36]);
});

describe('of one kind', () => {
  test('are only its answers, and what is overdue', () => {
    const groups = recorded(['a', 'b'], 0, 1);
    groups.record(0, 9 * MILLISECOND, 'data');
    groups.recordOverdue(1, 5 * MILLISECOND);
    const of = (kind: 'kernel' | 'data') => groups.of(kind).map(({ rtts }) => rtts.total);
    expect(of('kernel')).toEqual([1, 2]);
    expect(of('data')).toEqual([1, 1]);
  });
});
