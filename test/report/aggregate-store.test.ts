/** In bounded memory, and still exact in sum. */
import { describe, expect, test } from '@jest/globals';
import type { AggregateRecord } from '../../src/report/aggregate-record.js';
import { AggregateStore } from '../../src/report/aggregate-store.js';
import { startOf, sumOf } from '../../src/report/buckets.js';

const SECOND = 1e9;
const ROOM = { kept: 1000, rows: 1000, slots: 1000, told: 1000 };

/** Of so many RTTs in a bucket. */
function record(atS: number, bucket: number, count: number, rest: Partial<AggregateRecord> = {}) {
  const times = { least: startOf(bucket), most: startOf(bucket) };
  const made: AggregateRecord = {
    ...{ type: 'aggregate', time: atS * SECOND, length: 10 * SECOND, interface: 'eth0' },
    ...{ side: 0, protocol: 'TCP', prefix: '10.0.0.0/24', owner: undefined, isOthers: false },
    counted: { samples: count, reported: count, overdue: 0, ...times, buckets: [bucket, count] },
    ...rest,
  };
  return made;
}

const take = (store: AggregateStore, ...records: readonly AggregateRecord[]) => {
  for (const each of records) store.take(each, 0, each.length);
};
const prefix = (name: string) => ({ prefix: name });

describe('over time', () => {
  test('what ended at the same time is one slot; of each side, and of each row', () => {
    const store = new AggregateStore(ROOM);
    take(
      store,
      ...[record(10, 5, 1), record(10, 9, 2, prefix('b')), record(20, 5, 4)],
      record(10, 5, 8, { side: 1 }),
    );
    const [beyond, behind, unknown] = store.sides;
    expect(beyond?.slots).toEqual([0, 1]);
    expect(beyond?.counted.map(({ buckets }) => buckets)).toEqual([
      [5, 1, 9, 2],
      [5, 4],
    ]);
    expect(behind?.counted.map(({ buckets }) => buckets)).toEqual([[5, 8]]);
    expect(unknown).toEqual({ slots: [], counted: [] });
    const told = store.told.map(({ row, series }) => [row.prefix, row.side, series?.slots]);
    expect(told).toEqual([
      ['b', 0, [0]],
      ['10.0.0.0/24', 0, [0, 1]],
      ['10.0.0.0/24', 1, [0]],
    ]);
    expect(store.counts).toEqual([2, 1, 0]);
  });

  test('a longer interval makes slots wider, of all that was there', () => {
    const store = new AggregateStore(ROOM);
    take(store, record(10, 5, 1), record(20, 5, 1), record(30, 5, 1));
    take(store, record(60, 7, 1, { length: 35 * SECOND }));
    expect(store.width).toBe(40 * SECOND);
    expect(store.sides[0]?.slots).toEqual([0, 1]);
    expect(store.sides[0]?.counted.map(({ reported }) => reported)).toEqual([3, 1]);
  });

  test('there is a bounded number of slots: then they are wider', () => {
    const store = new AggregateStore({ ...ROOM, slots: 4 });
    for (let at = 1; at <= 9; at++) take(store, record(10 * at, 5, at));
    expect(store.width).toBe(40 * SECOND);
    expect(store.sides[0]?.slots).toEqual([0, 1, 2]);
    expect(store.sides[0]?.counted.map(({ reported }) => reported)).toEqual([10, 26, 9]);
  });
});

describe('of rows', () => {
  test('the least bad are forgotten over time when there are too many, and their sums are not', () => {
    const store = new AggregateStore({ ...ROOM, kept: 8 });
    for (let at = 1; at <= 3; at++) {
      for (let each = 0; each < 4; each++)
        take(store, record(10 * at, 10 * each, 1, prefix(`${each}`)));
    }
    const told = store.told.map(({ row, series }) => [
      row.prefix,
      row.samples,
      series?.slots.length,
    ]);
    expect(told).toEqual([
      ['3', 3, 3],
      ['2', 3, 3],
      ['1', 3, undefined],
      ['0', 3, undefined],
    ]);
    expect(store.sides[0]?.counted.map(({ reported }) => reported)).toEqual([4, 4, 4]);
  });

  test('a bounded number is told apart: further ones are others', () => {
    const store = new AggregateStore({ ...ROOM, rows: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'a']) take(store, record(10, 5, 1, prefix(name)));
    const told = store.told.map(({ row }) => [row.prefix, row.isOthers, row.samples]);
    expect(told).toEqual([
      ['a', false, 2],
      ['b', false, 1],
      ['c', false, 1],
      [undefined, true, 2],
    ]);
    expect(store.areRowsFull).toBe(true);
  });

  test('the worst are told, and those for which there was no room', () => {
    const store = new AggregateStore({ ...ROOM, told: 2 });
    take(
      store,
      ...[record(10, 5, 9, prefix('a')), record(10, 99, 1, prefix('b'))],
      ...[record(10, 50, 3, prefix('c')), record(10, 1, 1, { prefix: undefined, isOthers: true })],
    );
    expect(store.told.map(({ row }) => row.prefix)).toEqual(['b', 'c', undefined]);
    expect(store.counts).toEqual([4, 0, 0]);
  });

  test('their figures are those of all intervals together', () => {
    const store = new AggregateStore(ROOM);
    take(store, record(10, 5, 97), record(20, 200, 3));
    const [told] = store.told;
    const sum = sumOf(told?.series?.counted ?? []);
    expect(sum.buckets).toEqual([5, 97, 200, 3]);
    expect(told?.row).toMatchObject({ samples: 100, least: startOf(5), most: startOf(200) });
    expect(told?.row.median).toBe((startOf(5) + startOf(6)) / 2);
    expect(told?.row.p99).toBe(startOf(200));
  });
});
