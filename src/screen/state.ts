/** What the person at the keys wants to see. State and key -> state. */
import type { RowKind } from './rows.js';

export const SORTS = [
  'queueing',
  'p99',
  'median',
  'least',
  'last',
  'resent',
  'samples',
  'age',
] as const;
export type Sort = (typeof SORTS)[number];

export interface State {
  readonly kind: RowKind;
  /** What there is to be seen, in the order of a key. */
  readonly kinds: readonly RowKind[];
  readonly sort: Sort;
  readonly isPaused: boolean;
  readonly isHelp: boolean;
  /** Only rows whose name has this in it. */
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
  sort: 'queueing',
  isPaused: false,
  isHelp: false,
  filter: '',
  isTyping: false,
  scrolled: 0,
  isOver: false,
};

/** Where it is found out whose connections are. */
export const INITIAL_WITH_OWNERS: State = { ...INITIAL, kinds: ['peers', 'flows', 'owners'] };

/** As Node's readline names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** In words, for help. */
export function keysOf({ kinds }: State): readonly (readonly [key: string, text: string])[] {
  const [first, ...others] = kinds;
  return [
    ['q', 'quit'],
    ['s', 'sort by the next column'],
    ['a', `${others.join(', ')} or ${first}`],
    ['p', 'pause, and go on'],
    ['/', 'filter by a part of the name; Enter keeps it, Esc clears it'],
    ['up down', 'scroll; also PgUp, PgDn and Home'],
    ['?', 'this help'],
  ];
}

/** The same in short, below the table. */
export function hintsOf({ kinds }: State): string {
  const [first, ...others] = kinds;
  const next = [...others, first].join('/');
  return `q quit  s sort  a ${next}  p pause  / filter  ? help`;
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
      return { ...state, sort: after(SORTS, state.sort), scrolled: 0 };
    case 'a':
      return { ...state, kind: after(state.kinds, state.kind), scrolled: 0 };
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
  return { ...state, scrolled: Math.max(0, state.scrolled + stepOf(key)) };
}

/** A key while the filter is being typed. */
function typed(state: State, { name, sequence = '' }: Key): State {
  if (name === 'return' || name === 'enter') return { ...state, isTyping: false };
  if (name === 'escape') return { ...state, filter: '', isTyping: false };
  if (name === 'backspace') return { ...state, filter: state.filter.slice(0, -1) };
  const isText = /^[\x21-\x7e]+$/.test(sequence);
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
