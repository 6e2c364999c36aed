/** What is remembered of interfaces that come and go, as the maps have it for those that are there. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { InterfaceRecords } from '../../src/live/interface-records.js';
import { FakeStore } from '../helpers/events/interfaces.js';

const MOST_GONE = 1_000;
const MOST_NAMES = 16_384;
const SEEN = { egress: 1, ingress: 20, bytes: 300 };

let store: FakeStore;
let records: InterfaceRecords;

beforeEach(() => {
  store = new FakeStore();
  records = new InterfaceRecords(store);
});

/** One that comes, sees that, and goes. */
function live(index: number, name: string, seen = SEEN): void {
  records.begin(index, name);
  store.counted.set(index, seen);
  records.end(index);
}

describe('what was seen', () => {
  test('is told of those that are there as it is now', () => {
    records.begin(3, 'eth0');
    expect(records.tallies()).toEqual([
      { name: 'eth0', egress: 0, ingress: 0, bytes: 0, isWatched: true },
    ]);
    store.counted.set(3, SEEN);
    expect(records.seen(3)).toEqual(SEEN);
    expect(records.tallies()).toEqual([{ ...SEEN, name: 'eth0', isWatched: true }]);
  });

  test('is told of those that are gone, whose room in the maps is free again', () => {
    live(3, 'eth0');
    records.begin(4, 'eth1');
    expect([...store.counted.keys()]).toEqual([4]);
    expect(records.tallies()).toMatchObject([
      { ...SEEN, name: 'eth0', isWatched: false },
      { name: 'eth1', isWatched: true },
    ]);
  });

  test('is added up by name', () => {
    live(3, 'eth0');
    live(4, 'eth0');
    const twice = { egress: 2, ingress: 40, bytes: 600 };
    expect(records.tallies()).toEqual([{ ...twice, name: 'eth0', isWatched: false }]);
    records.begin(5, 'eth0');
    store.counted.set(5, SEEN);
    const thrice = { egress: 3, ingress: 60, bytes: 900 };
    expect(records.tallies()).toEqual([{ ...thrice, name: 'eth0', isWatched: true }]);
  });

  test('under another name stays under that one', () => {
    const twice = { egress: 2, ingress: 40, bytes: 600 };
    records.begin(3, 'eth0');
    store.counted.set(3, SEEN);
    records.rename(3, 'wan');
    expect(records.tallies()).toEqual([
      { ...SEEN, name: 'eth0', isWatched: false },
      { egress: 0, ingress: 0, bytes: 0, name: 'wan', isWatched: true },
    ]);
    store.counted.set(3, twice);
    expect(records.seen(3)).toEqual(twice);
    records.rename(3, 'wan');
    records.rename(3, 'eth0');
    expect(records.tallies()).toEqual([
      { ...SEEN, name: 'eth0', isWatched: true },
      { ...SEEN, name: 'wan', isWatched: false },
    ]);
    records.end(3);
    records.begin(3, 'lan');
    expect(records.tallies().map(({ name, egress }) => [name, egress])).toEqual([
      ['eth0', 1],
      ['wan', 1],
      ['lan', 0],
    ]);
  });

  test('counts once, however often an end is told', () => {
    live(3, 'eth0');
    records.end(3);
    records.end(4);
    expect(records.tallies()).toEqual([{ ...SEEN, name: 'eth0', isWatched: false }]);
  });

  test('of more names than are kept is told as one without a name, and nothing of it is lost', () => {
    const more = 7;
    for (let index = 1; index <= MOST_GONE + more; index++) live(index, `veth${index}`);
    live(MOST_GONE + more + 1, 'veth1');
    const tallies = records.tallies();
    expect(tallies).toHaveLength(MOST_GONE + 1);
    expect(tallies[0]).toMatchObject({ name: 'veth1', egress: 2 });
    expect(tallies.at(-1)).toMatchObject({ name: '', egress: more, bytes: more * SEEN.bytes });
    const all = tallies.reduce((sum, { egress }) => sum + egress, 0);
    expect(all).toBe(MOST_GONE + more + 1);
  });
});

describe('where there is no room for more names', () => {
  beforeEach(() => {
    for (let index = 1; index <= MOST_GONE; index++) live(index, `veth${index}`);
  });

  const told = (name: string) => records.tallies().find((each) => each.name === name);

  test('one that has been told by its name keeps it once it is gone', () => {
    records.begin(2_000, 'eth0');
    store.counted.set(2_000, SEEN);
    expect(told('eth0')).toEqual({ ...SEEN, name: 'eth0', isWatched: true });
    records.end(2_000);
    expect(told('eth0')).toEqual({ ...SEEN, name: 'eth0', isWatched: false });
    expect(told('')).toBeUndefined();
  });

  test('so do the first of them, and not all', () => {
    const indices = Array.from({ length: MOST_GONE + 1 }, (_, at) => 2_000 + at);
    for (const index of indices) {
      records.begin(index, `eth${index}`);
      store.counted.set(index, SEEN);
    }
    records.tallies();
    for (const index of indices) records.end(index);
    expect(told(`eth${2_000 + MOST_GONE - 1}`)).toMatchObject(SEEN);
    expect(told(`eth${2_000 + MOST_GONE}`)).toBeUndefined();
    expect(told('')).toMatchObject(SEEN);
    expect(records.tallies()).toHaveLength(2 * MOST_GONE + 1);
  });
});

describe('names', () => {
  test('are those that they had at first, also of those that are gone', () => {
    live(3, 'eth0');
    expect(records.nameOf(3)).toBe('eth0');
    records.begin(3, 'eth1');
    expect(records.nameOf(3)).toBe('eth1');
    expect(records.nameOf(4)).toBeUndefined();
  });

  test('are forgotten of the first that is gone, where there are too many', () => {
    records.begin(1, 'stays');
    for (let index = 2; index <= MOST_NAMES; index++) live(index, `veth${index}`);
    expect([records.nameOf(1), records.nameOf(2)]).toEqual(['stays', 'veth2']);
    live(MOST_NAMES + 1, 'last');
    const names = [1, 2, 3, MOST_NAMES + 1].map((index) => records.nameOf(index));
    expect(names).toEqual(['stays', undefined, 'veth3', 'last']);
  });
});

test('where there is no room for its counters, it has a name alone', () => {
  store.add = () => {};
  records.begin(3, 'eth0');
  expect([records.nameOf(3), records.seen(3), records.tallies()]).toEqual(['eth0', undefined, []]);
  records.end(3);
  expect([records.nameOf(3), records.tallies()]).toEqual(['eth0', []]);
});

test('without maps there are names alone', () => {
  const single = new InterfaceRecords(undefined);
  single.begin(3, 'eth0');
  expect([single.nameOf(3), single.seen(3), single.tallies()]).toEqual(['eth0', undefined, []]);
  single.end(3);
  expect(single.nameOf(3)).toBe('eth0');
});
