/** Which rows are to be seen, in which order. */
import { describe, expect, test } from '@jest/globals';
import { selected, selectionOf } from '../../src/screen/selection.js';
import { SORTS, type Sort } from '../../src/screen/sorts.js';
import { MS, rowLook, stateOf } from '../helpers/command/screen.js';

describe('rows', () => {
  const rows = [2, 3, 1].map((number) => {
    const figures = Object.fromEntries(SORTS.map((sort) => [sort, number * MS]));
    return rowLook({ name: `10.0.0.${number}`, ...figures });
  });
  const namesBy = (sort: Sort, filter = '') =>
    selected(rows, stateOf({ sort, filter })).map(({ name }) => name.slice(-1));

  test.each(SORTS.filter((sort) => sort !== 'age'))(
    'are sorted by %s, the highest first',
    (sort) => {
      const others = rows.map((row) => ({ ...rowLook({ name: row.name }), [sort]: row[sort] }));
      const names = selected(others, stateOf({ sort })).map(({ name }) => name.slice(-1));
      expect(names).toEqual(['3', '2', '1']);
    },
  );

  test('are sorted by age, the youngest first', () => {
    expect(namesBy('age')).toEqual(['1', '2', '3']);
  });

  test('that are equal are sorted by name: they do not jump', () => {
    const equal = ['c', 'a', 'b'].map((name) => rowLook({ name }));
    expect(selected(equal, stateOf()).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('are those that have the filter in their name', () => {
    expect(namesBy('last', '0.2')).toEqual(['2']);
    expect(namesBy('last', '10.')).toEqual(['3', '2', '1']);
    expect(namesBy('last', 'x')).toEqual([]);
  });

  test('that have sent too little for a share of what was sent again come last', () => {
    const few = [undefined, 0.01, undefined, 0].map((resent, n) =>
      rowLook({ name: `${n}`, resent }),
    );
    const names = selected(few, stateOf({ sort: 'resent' })).map(({ name }) => name);
    expect(names).toEqual(['1', '3', '0', '2']);
  });

  test('are the other way round when reversed; what has no share still comes last', () => {
    const few = [undefined, 0.01, 0.5].map((resent, n) => rowLook({ name: `${n}`, resent }));
    const names = selected(few, stateOf({ sort: 'resent', isReversed: true })).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['1', '2', '0']);
  });

  test('of closed flows are there only if they are asked for', () => {
    const both = [true, false].map((isClosed) => rowLook({ name: `${isClosed}`, isClosed }));
    const names = (showsClosed: boolean) =>
      selected(both, stateOf({ showsClosed })).map(({ name }) => name);
    expect(names(false)).toEqual(['false']);
    expect(names(true)).toEqual(['false', 'true']);
  });

  test('are given, and not sorted in place', () => {
    namesBy('age');
    expect(rows.map(({ name }) => name.slice(-1))).toEqual(['2', '3', '1']);
  });
});

describe('very many rows', () => {
  const shuffled = Array.from({ length: 10_000 }, (_, at) => (at * 7_919) % 10_000);
  const rows = shuffled.map((number) =>
    rowLook({ name: `host${number}`, last: number * MS, resent: undefined }),
  );

  test('are counted all, and the first of them are sorted', () => {
    const { rows: first, found, all, closed } = selectionOf(rows, stateOf({ sort: 'last' }));
    expect(first.map(({ last }) => last)).toEqual(
      Array.from({ length: 2_048 }, (_, at) => (9_999 - at) * MS),
    );
    expect([found, all, closed]).toEqual([10_000, 10_000, 0]);
    const reversed = selected(rows, stateOf({ sort: 'last', isReversed: true }));
    expect(reversed[0]?.last).toBe(0);
  });

  test('are found in all of them', () => {
    const {
      rows: first,
      found,
      all,
    } = selectionOf(rows, stateOf({ sort: 'last', filter: 'host99' }));
    expect([first.length, found, all]).toEqual([111, 111, 10_000]);
    expect(first[0]?.name).toBe('host9999');
  });

  test('that are equal are those in front', () => {
    const first = selected(rows, stateOf({ sort: 'resent' }));
    expect(first).toHaveLength(2_048);
    expect(new Set(first.map(({ name }) => name))).toEqual(
      new Set(rows.slice(0, 2_048).map(({ name }) => name)),
    );
  });

  test('are selected once for the same wishes', () => {
    const once = selectionOf(rows, stateOf({ sort: 'last' }));
    expect(selectionOf(rows, stateOf({ sort: 'last', scrolled: 9, isHelp: true }))).toBe(once);
    expect(selectionOf(rows, stateOf({ sort: 'samples' }))).not.toBe(once);
  });
});
