/** What a report of aggregates has a row of, and how it is called. */
import type { AggregateFacts, AggregateRow } from '../aggregate-facts.js';
import type { SeenAt, SideIndex } from '../run-facts.js';
import { placeName } from './place-text.js';

export interface NamedRow extends AggregateRow {
  /** The network, or the owner; else the place, or which they are. */
  readonly name: string;
  /** Where it was seen; empty where that is its name, and of several places together. */
  readonly seenAt: string;
  /** Its index among the series; undefined where it was not kept over time. */
  readonly series: number | undefined;
}

/** @returns of all sides, each with its series */
export function namedRows({ rows, places, rowCounts }: AggregateFacts): NamedRow[] {
  // Those of the sides come first.
  let next = rowCounts.length;
  return rows.map((row) => {
    const at = places[row.place] ?? {};
    const series = row.hasSeries ? next++ : undefined;
    return { ...row, ...namesOf(row, at), series };
  });
}

export function rowsOf(rows: readonly NamedRow[], side: SideIndex): NamedRow[] {
  return rows.filter((row) => row.side === side);
}

/** As their column is headed. */
export type RowsOf = 'Network' | 'Owner' | 'Interface';

export function whatRowsAre(rows: readonly NamedRow[]): RowsOf {
  if (rows.some(({ prefix }) => prefix !== undefined)) return 'Network';
  return rows.some(({ owner }) => owner !== undefined) ? 'Owner' : 'Interface';
}

function namesOf({ prefix, owner, isOthers }: AggregateRow, at: SeenAt) {
  const isNamed = at.interface !== undefined || at.capture !== undefined;
  const place = isNamed ? placeName(at) : '';
  if (isOthers) return { name: 'others', seenAt: place };
  const own = prefix ?? owner;
  if (own !== undefined) return { name: own, seenAt: place };
  return { name: isNamed ? place : 'all', seenAt: '' };
}
