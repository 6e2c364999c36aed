/** The whole screen as lines: a header, the table, the line below it. */
import type { ChalkInstance } from 'chalk';
import type { RowLook } from './rows.js';
import { lineOf, type Span } from './spans.js';
import { hintsOf, keysOf, type State } from './state.js';
import { selected, tableLines } from './table.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What is above the table, and the latest word of pping itself, in place of the hints; or ''. */
export interface Header {
  readonly lines: readonly (readonly Span[])[];
  readonly message: string;
}

export interface Picture {
  readonly header: Header;
  readonly rows: readonly RowLook[];
  readonly state: State;
}

const BELOW = 1;

/** Exactly as many lines as the screen has, none wider. */
export function screenLines(picture: Picture, size: Size, paint: ChalkInstance): string[] {
  const { header, state } = picture;
  const above: Span[][] = header.lines.map((line) => [...line]);
  const room = roomIn(picture, size);
  const middle = state.isHelp ? helpLines(state) : tableOf(picture, room, size.columns);
  const lines = [...above, ...pad(middle, room), bottomLine(picture)];
  return lines.slice(-size.rows).map((spans) => lineOf(spans, size.columns, paint));
}

/** How far the rows can be scrolled: until the last one is seen. */
export function mostScrolled(picture: Picture, size: Size): number {
  const found = selected(picture.rows, picture.state).length;
  return Math.max(0, found - shownIn(roomIn(picture, size)));
}

function roomIn({ header }: Picture, { rows }: Size): number {
  return Math.max(0, rows - header.lines.length - BELOW);
}

/** One line is the heading. */
function shownIn(room: number): number {
  return Math.max(0, room - 1);
}

function tableOf({ rows, state }: Picture, room: number, columns: number): Span[][] {
  const found = selected(rows, state);
  const shown = shownIn(room);
  const first = Math.min(state.scrolled, Math.max(0, found.length - shown));
  const lines = tableLines(found.slice(first, first + shown), state, columns);
  return rows.length > 0 ? lines : [...lines, [['  no RTT to show', 'dim']]];
}

function helpLines(state: State): Span[][] {
  const keys = keysOf(state).map(([key, text]): Span[] => [[`  ${key.padEnd(9)}`, 'bold'], [text]]);
  return [
    [['Keys', 'bold']],
    ...keys,
    [],
    [['Columns, all times in ms', 'bold']],
    [['  least    ever; median and p99: of the last 10 s']],
    [['  queue    median - least: what is waiting, and not distance; yellow, red']],
    [['  meas     of all bytes, those of flows with RTTs; where that is not all of them']],
    [['  age      since the last RTT']],
    [['  minute   the highest RTT of each 3 s; a full bar is the highest of all']],
    [['  > <      beyond the interface; behind it']],
    [],
    [['Any key goes back.', 'dim']],
  ];
}

function bottomLine({ state, rows, header }: Picture): Span[] {
  const { filter, isTyping, isPaused, kind } = state;
  if (isTyping) return [[`/${filter}`], ['_', 'inverse']];
  const count = selected(rows, state).length;
  const what =
    filter === '' ? `${count} ${kind}` : `${count} of ${rows.length} ${kind} (/${filter})`;
  return [
    [isPaused ? ' PAUSED ' : '', 'inverse'],
    [`${isPaused ? ' ' : ''}${what}  `],
    header.message === '' ? [hintsOf(state), 'dim'] : [header.message, 'yellow'],
  ];
}

function pad(lines: readonly Span[][], length: number): Span[][] {
  return Array.from({ length }, (_, index) => lines[index] ?? []);
}
