/** What the person at the keys wants to see. State and key -> state. */
import type { RowKind } from './rows.js';
import {
  AGGREGATE_SORTS,
  DNS_AGGREGATE_SORTS,
  RESOLVER_SORTS,
  SORTS,
  type Sort,
  sortKeyOf,
} from './sorts.js';
import { SLICE_NS } from './sparkline.js';

export interface State {
  /** What is seen where rows are not those of interfaces. */
  readonly kind: RowKind;
  /** What there is to be seen, in the order of a key. */
  readonly kinds: readonly RowKind[];
  /** Whether they have to be told apart. */
  readonly areInterfacesSeveral: boolean;
  /** Rows are to be those of interfaces, where these are several. */
  readonly isByInterface: boolean;
  /** By what they can be sorted. */
  readonly sorts: readonly Sort[];
  readonly sort: Sort;
  /** In place of that, of resolvers. */
  readonly resolverSort: Sort;
  /** How long it is that a bar is of, in ns. */
  readonly slice: number;
  /** What rows are of where they are counted in the kernel, interval by interval: also those of DNS. None is closed. */
  readonly counted: RowKind | undefined;
  /** The other way round than usual. */
  readonly isReversed: boolean;
  /** Flows that have ended, too. */
  readonly showsClosed: boolean;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  /** Only rows whose name has this in it, or that of an interface where they were seen. */
  readonly filter: string;
  /** Whether it is being typed. */
  readonly isTyping: boolean;
  /** Rows above the first that is shown. */
  readonly scrolled: number;
  readonly isOver: boolean;
}

export const INITIAL: State = {
  kind: 'peers',
  kinds: ['peers', 'flows'],
  areInterfacesSeveral: false,
  isByInterface: false,
  sorts: SORTS,
  sort: 'queueing',
  resolverSort: 'median',
  slice: SLICE_NS,
  counted: undefined,
  isReversed: false,
  showsClosed: false,
  isPaused: false,
  isHelp: false,
  filter: '',
  isTyping: false,
  scrolled: 0,
  isOver: false,
};

/** Where it is found out whose connections are. */
export const INITIAL_WITH_OWNERS: State = {
  ...INITIAL,
  kind: 'owners',
  kinds: ['owners', 'peers', 'flows'],
};

const AGGREGATE_KINDS: { readonly [by: string]: RowKind } = {
  prefix: 'networks',
  owner: 'owners',
  interface: 'interfaces',
};

/** @param by what is counted by itself, and in intervals of this length, in ns */
export function initialOfAggregates(by: string, interval: number): State {
  const kind = AGGREGATE_KINDS[by] ?? 'sides';
  const sorts = { sorts: AGGREGATE_SORTS, sort: 'p99', resolverSort: 'p99' } as const;
  return { ...INITIAL, kind, kinds: [kind], ...sorts, slice: interval, counted: kind };
}

/** Where DNS is measured. @param isAlone whether nothing else is */
export function withResolvers(state: State, isAlone: boolean): State {
  if (isAlone) return { ...state, kind: 'resolvers', kinds: ['resolvers'] };
  return { ...state, kinds: [...state.kinds, 'resolvers'] };
}

/** As Node's readline names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** What the rows are. */
export function kindOf({ kind, areInterfacesSeveral, isByInterface }: State): RowKind {
  return areInterfacesSeveral && isByInterface ? 'interfaces' : kind;
}

/** What is counted below them. */
export function unitOf(state: State): RowKind {
  const kind = kindOf(state);
  return kind === 'resolvers' ? (state.counted ?? kind) : kind;
}

/** By what the rows can be sorted. */
export function sortsOf(state: State): readonly Sort[] {
  if (kindOf(state) !== 'resolvers') return state.sorts;
  return state.counted ? DNS_AGGREGATE_SORTS : RESOLVER_SORTS;
}

/** By what they are. */
export function sortOf(state: State): Sort {
  return kindOf(state) === 'resolvers' ? state.resolverSort : state.sort;
}

type KeyText = readonly [key: string, text: string];

/** In words, for help. */
export function keysOf(state: State): readonly KeyText[] {
  const filtered = state.areInterfacesSeveral ? 'name or interface' : 'part of the name';
  return [
    ['q', 'quit'],
    ...kindKeysOf(state),
    ['< >', 'sort by the column to the left or right; also s'],
    [
      sortsOf(state).map(sortKeyOf).join(''),
      'sort by the column with this capital or digit in its heading',
    ],
    ['R', 'reverse the order'],
    ['p', 'pause or resume'],
    ['/', `filter by ${filtered}; Enter keeps it, Esc clears it`],
    ['up down', 'scroll; also PgUp, PgDn and Home'],
    ['?', 'show this help'],
  ];
}

/** On one line: help has no room for another. */
function kindKeysOf(state: State): KeyText[] {
  if (isOfOneKind(state)) return [];
  const round = `show next: ${state.kinds.join(', ')}`;
  return [
    hasInterfaces(state) ? ['a   i', `${round}; interfaces on or off`] : ['a', round],
    ...(state.counted ? [] : [['c', 'show or hide closed flows'] as const]),
  ];
}

/**
 * The same in short, below the table; what matters most comes first.
 * @param closed flows that have ended, and are kept
 */
export function hintsOf(state: State, closed: number): readonly KeyText[] {
  const next = after(state.kinds, state.kind);
  const other: KeyText = ['i', state.isByInterface ? state.kind : 'interfaces'];
  const ended: KeyText = ['c', state.showsClosed ? 'hide closed' : `show ${closed} closed`];
  // Whoever has paused wants to know how to go on.
  const pause: KeyText = ['p', state.isPaused ? 'resume' : 'pause'];
  return [
    ...(state.isPaused ? [pause] : []),
    ['q', 'quit'],
    ['?', 'help'],
    ...(isOfOneKind(state) ? [] : [['a', next] as const]),
    ...(hasInterfaces(state) ? [other] : []),
    ...(kindOf(state) === 'flows' ? [ended] : []),
    ['<>', 'sort'],
    ['/', 'filter'],
    ...(state.isPaused ? [] : [pause]),
    ['R', 'reverse'],
  ];
}

/** There is no other to be seen. */
function isOfOneKind({ kinds }: State): boolean {
  return kinds.length === 1;
}

/** By a key: of what is told event by event. */
function hasInterfaces(state: State): boolean {
  return state.areInterfacesSeveral && !isOfOneKind(state) && state.counted === undefined;
}

const PAGE = 10;

export function pressed(state: State, key: Key): State {
  if (key.ctrl && key.name === 'c') return { ...state, isOver: true };
  if (state.isTyping) return typed(state, key);
  if (state.isHelp) return { ...state, isHelp: false };
  switch (key.sequence) {
    case 'q':
      return { ...state, isOver: true };
    case 's':
      return sortedBy(state, after(sortsOf(state), sortOf(state)));
    case '<':
      return sortedBy(state, sortBeside(state, -1));
    case '>':
      return sortedBy(state, sortBeside(state, 1));
    case 'R':
      return { ...state, isReversed: !state.isReversed, scrolled: 0 };
    case 'c':
      return { ...state, showsClosed: !state.showsClosed, scrolled: 0 };
    case 'a':
      return {
        ...state,
        kind: after(state.kinds, state.kind),
        isByInterface: false,
        scrolled: 0,
      };
    case 'i':
      return byInterface(state);
    case 'p':
    case ' ':
      return { ...state, isPaused: !state.isPaused };
    case '/':
      return { ...state, isTyping: true, filter: '', scrolled: 0 };
    case '?':
    case 'h':
      return { ...state, isHelp: true };
  }
  if (key.name === 'escape') return { ...state, filter: '' };
  const sort = sortsOf(state).find((each) => sortKeyOf(each) === key.sequence);
  if (sort) return sortedBy(state, sort);
  return { ...state, scrolled: Math.max(0, state.scrolled + stepOf(key)) };
}

/** And back. */
function byInterface(state: State): State {
  if (!hasInterfaces(state)) return state;
  return { ...state, isByInterface: !state.isByInterface, scrolled: 0 };
}

/** From the top; beyond the first and the last column there is none, and nothing changes. */
function sortedBy(state: State, sort: Sort | undefined): State {
  if (sort === undefined) return state;
  const isOfResolvers = kindOf(state) === 'resolvers';
  return { ...state, [isOfResolvers ? 'resolverSort' : 'sort']: sort, scrolled: 0 };
}

function sortBeside(state: State, step: number): Sort | undefined {
  const sorts = sortsOf(state);
  return sorts[sorts.indexOf(sortOf(state)) + step];
}

/** A key while the filter is being typed. */
function typed(state: State, { name, sequence = '' }: Key): State {
  if (name === 'return' || name === 'enter') return { ...state, isTyping: false };
  if (name === 'escape') return { ...state, filter: '', isTyping: false };
  if (name === 'backspace') return { ...state, filter: state.filter.slice(0, -1) };
  const isText = /^[\x20-\x7e]+$/.test(sequence);
  return isText ? { ...state, filter: state.filter + sequence } : state;
}

/** After the last comes the first. */
function after<Each>(all: readonly Each[], one: Each): Each {
  return all[(all.indexOf(one) + 1) % all.length] ?? one;
}

function stepOf({ name }: Key): number {
  const steps: Partial<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -PAGE,
    pagedown: PAGE,
    home: Number.NEGATIVE_INFINITY,
  };
  return steps[name ?? ''] ?? 0;
}
