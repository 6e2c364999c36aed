/** Interfaces of several namespaces, each with a number of its own. */
import { beforeEach, expect, test } from '@jest/globals';
import {
  type Home,
  InterfaceNumbers,
  type NumberedInterfaces,
} from '../../src/live/interface-numbers.js';
import { FakeStore } from '../helpers/events/interfaces.js';

const MOST_NUMBERS = 16_384;

let store: FakeStore;
let numbers: InterfaceNumbers;
let web: NumberedInterfaces;
let db: NumberedInterfaces;
const homeOf = (netns: string): Home => ({
  placeOf: (index) => ({ netns, interface: `eth${index}` }),
});
beforeEach(() => {
  store = new FakeStore();
  numbers = new InterfaceNumbers(store);
  web = numbers.storeFor(homeOf('web'));
  db = numbers.storeFor(homeOf('db'));
});

test('the same index in two of them is two numbers, and neither is 0', () => {
  web.add(2);
  db.add(2);
  const both = [web.numberOf(2), db.numberOf(2)];
  expect(new Set(both).size).toBe(2);
  expect(both).not.toContain(0);
  expect(both.map((number) => numbers.placeOf(number))).toEqual([
    { netns: 'web', interface: 'eth2' },
    { netns: 'db', interface: 'eth2' },
  ]);
});

test('what was seen is that of the one that is meant', () => {
  web.add(2);
  db.add(2);
  const seen = { egress: 1, ingress: 2, bytes: 3 };
  store.counted.set(db.numberOf(2), seen);
  expect(db.seen(2)).toEqual(seen);
  expect(web.seen(2)).toEqual({ egress: 0, ingress: 0, bytes: 0 });
  expect(web.seen(3)).toBeUndefined();
});

test('one that comes where another was has another number; the first is known still', () => {
  web.add(2);
  const first = web.numberOf(2);
  web.remove(2);
  web.remove(2);
  expect([...store.counted.keys()]).toEqual([]);
  web.add(2);
  expect(web.numberOf(2)).not.toBe(first);
  expect(numbers.placeOf(first)).toEqual({ netns: 'web', interface: 'eth2' });
});

test('of many that are gone the numbers come again, the first first', () => {
  for (let count = 0; count < MOST_NUMBERS; count++) {
    web.add(2);
    web.remove(2);
  }
  expect(numbers.placeOf(1)).toEqual({ netns: 'web', interface: 'eth2' });
  db.add(3);
  expect([db.numberOf(3), numbers.placeOf(1)]).toEqual([1, { netns: 'db', interface: 'eth3' }]);
  expect(numbers.placeOf(2)).toEqual({ netns: 'web', interface: 'eth2' });
});

test('one that is watched keeps its number for itself, however many come and go', () => {
  web.add(2);
  const number = web.numberOf(2);
  const others = new Set<number>();
  for (let count = 0; count <= 2 * MOST_NUMBERS; count++) {
    db.add(2);
    others.add(db.numberOf(2));
    db.remove(2);
  }
  expect(numbers.placeOf(number)).toEqual({ netns: 'web', interface: 'eth2' });
  expect(others.has(number)).toBe(false);
  expect(others.size).toBe(MOST_NUMBERS - 1);
});

test('numbers that no more are to be had of are refused; all of a namespace are given back', () => {
  for (let index = 1; index <= MOST_NUMBERS; index++) web.add(index);
  expect(() => db.add(1)).toThrow(`more than ${MOST_NUMBERS} interfaces`);
  web.removeAll();
  expect([...store.counted.keys()]).toEqual([]);
  db.add(1);
  expect(db.numberOf(1)).toBe(1);
});

test('of a home that is gone only the places are kept, under their last names', () => {
  const names = new Map([[2, 'eth0']]);
  const home = {
    placeOf: (index: number) => ({ netns: 'old', interface: names.get(index) ?? '' }),
  };
  const old = numbers.storeFor(home);
  old.add(2);
  db.add(2);
  const number = old.numberOf(2);
  names.set(2, 'lan0');
  old.removeAll();
  numbers.settle(home);
  names.clear();
  expect(numbers.placeOf(number)).toEqual({ netns: 'old', interface: 'lan0' });
  expect(numbers.placeOf(db.numberOf(2))).toEqual({ netns: 'db', interface: 'eth2' });
});

test('those that hold departures are told of all of them together', () => {
  // Before it is attached there, too.
  web.setHolding(new Set([2, 3]));
  web.add(2);
  db.setHolding(new Set([2]));
  const all = [web.numberOf(2), web.numberOf(3), db.numberOf(2)];
  expect([...store.held].sort()).toEqual(all.sort());
  web.setHolding(new Set());
  expect([...store.held]).toEqual([db.numberOf(2)]);
});
