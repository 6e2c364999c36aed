/** Which rows of the live view are to be seen, in which order. There may be 100,000 of them. */
import type { Look } from './row.js';
import { type State, sortOf } from './state.js';

export interface Selection {
  /** In their order: the first of them, more than anyone scrolls through. */
  readonly rows: readonly Look[];
  /** Of what there is a row or more: with the filter, without it, and closed. */
  readonly found: number;
  readonly all: number;
  readonly closed: number;
}

const MOST_ROWS = 2_048;

/** Made once for the same rows and the same wishes: a key that scrolls needs no other. */
export function selectionOf(rows: readonly Look[], state: State): Selection {
  const wishes = wishesOf(state);
  const known = made.get(rows);
  if (known?.wishes === wishes) return known.selection;
  const selection = select(rows, state);
  made.set(rows, { wishes, selection });
  return selection;
}

/** Those that are to be seen, in their order. What has no figure to go by comes last. */
export function selected(rows: readonly Look[], state: State): readonly Look[] {
  return selectionOf(rows, state).rows;
}

const made = new WeakMap<
  readonly Look[],
  { readonly wishes: string; readonly selection: Selection }
>();

function wishesOf(state: State): string {
  const { isReversed, showsClosed, areInterfacesSeveral, filter } = state;
  return `${sortOf(state)} ${isReversed} ${showsClosed} ${areInterfacesSeveral} ${filter}`;
}

function select(rows: readonly Look[], state: State): Selection {
  const closed = rows.filter(({ isClosed }) => isClosed);
  const shown =
    state.showsClosed || closed.length === 0 ? rows : rows.filter(({ isClosed }) => !isClosed);
  const found = state.filter === '' ? shown : shown.filter((row) => hasFilter(row, state));
  const all = countOf(shown);
  return {
    rows: firstOf(found, state),
    found: found === shown ? all : countOf(found),
    all,
    closed: countOf(closed),
  };
}

/** A flow is one, also where there are RTTs both ways and so two rows; likewise a host on both sides. */
function countOf(rows: readonly Look[]): number {
  const subjects = new Set<string>();
  for (const { subject } of rows) if (subject !== undefined) subjects.add(subject);
  return subjects.size;
}

function hasFilter({ name, interfaces }: Look, { filter, areInterfacesSeveral }: State): boolean {
  const names = areInterfacesSeveral ? [name, ...interfaces] : [name];
  return names.some((each) => each.includes(filter));
}

/** Sorted are only those that are among the first: 100,000 would take long. */
function firstOf(rows: readonly Look[], state: State): Look[] {
  const sort = sortOf(state);
  const direction = isAscending(state) ? 1 : -1;
  const placeOf = (row: Look) => direction * (row[sort] ?? direction * Number.POSITIVE_INFINITY);
  const first = rows.length > MOST_ROWS ? lowest(rows, placeOf) : [...rows];
  return first.sort((a, b) => compare(placeOf(a), placeOf(b)) || compareNames(a, b));
}

/** Of those that are equal, the ones in front. */
function lowest(rows: readonly Look[], placeOf: (row: Look) => number): Look[] {
  const places = new Float64Array(rows.length);
  for (const [at, row] of rows.entries()) places[at] = placeOf(row);
  const last = places.slice().sort()[MOST_ROWS - 1] as number;
  const below = rows.filter((_, at) => (places[at] as number) < last);
  const equal = rows.filter((_, at) => places[at] === last);
  return [...below, ...equal.slice(0, MOST_ROWS - below.length)];
}

/** Young first, short least last: what asks for attention is on top. */
export function isAscending(state: State): boolean {
  return (sortOf(state) === 'age') !== state.isReversed;
}

/** A connection has the same name wherever it is seen. */
function compareNames(a: Look, b: Look): number {
  return compare(a.name, b.name) || compare(interfaceOf(a), interfaceOf(b));
}

/** Of a flow, which is at one. */
export function interfaceOf({ interfaces }: Look): string {
  return interfaces[0] ?? '';
}

/** Infinite ones, too, whose difference is no number. */
function compare<Value extends number | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
