/** What the person at the keys wants to see. State and key -> state. */
import type { RowKind } from './rows.js';

export const SORTS = ['queueing', 'p99', 'median', 'least', 'last', 'samples', 'age'] as const;
export type Sort = (typeof SORTS)[number];

export interface State {
  readonly kind: RowKind;
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
  sort: 'queueing',
  isPaused: false,
  isHelp: false,
  filter: '',
  isTyping: false,
  scrolled: 0,
  isOver: false,
};

/** As Node's readline names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

export const KEYS = [
  ['q', 'quit'],
  ['s', 'sort by the next column'],
  ['a', 'flows or peers'],
  ['p', 'pause, and go on'],
  ['/', 'filter by a part of the name; Enter keeps it, Esc clears it'],
  ['up down', 'scroll; also PgUp, PgDn and Home'],
  ['?', 'this help'],
] as const;

const PAGE = 10;

export function pressed(state: State, key: Key): State {
  if (key.ctrl && key.name === 'c') return { ...state, isOver: true };
  if (state.isTyping) return typed(state, key);
  if (state.isHelp) return { ...state, isHelp: false };
  switch (key.sequence) {
    case 'q':
      return { ...state, isOver: true };
    case 's':
      return { ...state, sort: after(state.sort), scrolled: 0 };
    case 'a':
      return { ...state, kind: state.kind === 'peers' ? 'flows' : 'peers', scrolled: 0 };
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

function after(sort: Sort): Sort {
  return SORTS[(SORTS.indexOf(sort) + 1) % SORTS.length] ?? 'queueing';
}

function stepOf({ name }: Key): number {
  const steps: Partial<Record<string, number>> = {
    ...{ up: -1, down: 1, pageup: -PAGE, pagedown: PAGE, home: Number.NEGATIVE_INFINITY },
  };
  return steps[name ?? ''] ?? 0;
}
