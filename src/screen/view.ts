/** The whole screen as lines: a header, the table, the line below it. */
import type { ChalkInstance } from 'chalk';
import type { Look } from './row.js';
import { selected, selectionOf } from './selection.js';
import { flowed, lengthOf, lineOf, type Paragraph, type Span, wrapped } from './spans.js';
import { hintsOf, keysOf, kindOf, type State, unitOf } from './state.js';
import { tableLines } from './table.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What is above the table, and the latest word of pping itself, below the table; or ''. */
export interface Header {
  readonly paragraphs: readonly Paragraph[];
  readonly message: string;
}

export interface Picture {
  readonly header: Header;
  readonly rows: readonly Look[];
  readonly state: State;
}

/** What is around the table takes no more than this part of the screen, as far as one line does. */
const MOST_AROUND = 1 / 4;

/** Exactly as many lines as the screen has, none wider. */
export function screenLines(picture: Picture, size: Size, paint: ChalkInstance): string[] {
  const { state } = picture;
  const [above, below] = around(picture, size);
  const room = roomIn(picture, size);
  const middle = state.isHelp ? helpLines(state, size) : tableOf(picture, room, size.columns);
  const lines = [...above, ...pad(middle, room), ...below];
  return lines.slice(-size.rows).map((spans) => lineOf(spans, size.columns, paint));
}

/** How far the rows can be scrolled: until the last one is seen. */
export function mostScrolled(picture: Picture, size: Size): number {
  const found = selected(picture.rows, picture.state).length;
  return Math.max(0, found - shownIn(roomIn(picture, size)));
}

/** What is above the table, and below it. Help has the whole screen but for the last line. */
function around(picture: Picture, size: Size): readonly [above: Span[][], below: Span[][]] {
  const { header, state } = picture;
  const bottom = bottomLine(picture, size.columns);
  if (state.isHelp) return [[], [bottom]];
  const most = Math.max(1, Math.floor(size.rows * MOST_AROUND));
  const above = header.paragraphs.flatMap((each) => flowed(each, size.columns));
  return [above.slice(0, most), [...messageLines(header, size.columns, most - 1), bottom]];
}

function messageLines({ message }: Header, columns: number, most: number): Span[][] {
  if (message === '') return [];
  return wrapped(message, columns)
    .slice(0, most)
    .map((line) => [[line, 'yellow']]);
}

function roomIn(picture: Picture, size: Size): number {
  const [above, below] = around(picture, size);
  return Math.max(0, size.rows - above.length - below.length);
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
  return found.length > 0 ? lines : [...lines, [[`  ${nothingText(rows, state)}`, 'dim']]];
}

const NOTHING_COUNTED = 'none in the last interval, or the first one is not over yet';

function nothingText(rows: readonly Look[], state: State): string {
  if (rows.length === 0) return nothingYet(state);
  if (selectionOf(rows, state).all > 0) return 'nothing to show: no name matches';
  return `nothing to show: all ${kindOf(state)} are closed; c shows them`;
}

function nothingYet(state: State): string {
  const what = kindOf(state) === 'resolvers' ? 'no query to show' : 'no RTT to show';
  if (state.counted) return `${what}: ${NOTHING_COUNTED}`;
  return kindOf(state) === 'resolvers' ? `${what}: none answered or timed out yet` : what;
}

/** The widest, and a space. */
const KEY_WIDTH = 10;

/** Of which help is whole. */
const WHOLE: Size = { columns: 80, rows: 24 };

function helpLines(state: State, { columns, rows }: Size): Span[][] {
  const isCut = columns < WHOLE.columns || rows < WHOLE.rows;
  const keys = keysOf(state).map(([key, text]): Span[] => [
    [`  ${key.padEnd(KEY_WIDTH)}`, 'bold'],
    [text],
  ]);
  return [
    [['Keys', 'bold'], [isCut ? ` (all of this needs ${WHOLE.columns}x${WHOLE.rows})` : '']],
    ...keys,
    [],
    [['Columns, all times in ms', 'bold']],
    ...columnHelp(state).map((line): Span[] => [[line]]),
    [['  > <       beyond the interface; behind it']],
    [],
    [['Press any key to return.', 'dim']],
  ];
}

function columnHelp(state: State): readonly string[] {
  if (kindOf(state) === 'resolvers') return state.counted ? DNS_AGGREGATE_HELP : RESOLVER_HELP;
  return state.counted ? AGGREGATE_HELP : HELP;
}

const HELP = [
  '  Min       of the last 5 minutes, or --min-window',
  '  p50       and P99: of the last 5 to 10 s',
  '  Queue     p50 - Min: time in queues, without base delay and applications',
  '  reTr      share of bytes that were retransmitted',
  '  meas      share of bytes in flows with RTTs; shown where below 100 %',
  '  Age       since the last RTT',
  '  last ...  the highest RTT of each 3 s; a full bar is the highest of all',
];
const AGGREGATE_HELP = [
  '  Min       and all other figures: of the last interval only',
  '  p50       and p90, P99: midpoints of buckets, off by at most 1.6 %',
  '  reTr      share of bytes that were retransmitted',
  '  Overdue   unanswered data, not included in any other figure',
  '  p99, ...  the p99 of each interval; a full bar is the highest of all',
];

const RESOLVER_HELP = [
  '  Last      DNS response time, not an RTT: includes work of the resolver',
  '  Min       of the last 5 minutes, or --min-window',
  '  p50       and P99: of the last 5 to 10 s',
  '  Failed    responses such as SERVFAIL and REFUSED, included in the times',
  '  Unanswered  queries without a response, not included in the times',
  '  Queries   all since the start',
  '  last ...  the longest of each 3 s; a full bar is the longest of all',
];

const DNS_AGGREGATE_HELP = [
  '  Min       and all other figures: of the last interval only',
  '  p50       and p90, P99: DNS response times, no RTTs; off by at most 1.6 %',
  '  reTr      answered after a retransmission, not included elsewhere',
  '  Failed    responses such as SERVFAIL and REFUSED, included in the times',
  '  Unanswered  queries without a response, not included in the times',
  '  Queries   answered and unanswered, without reTr',
  '  p99, ...  the p99 of each interval; a full bar is the longest of all',
];

/** What is shown, and as many hints as fit. */
function bottomLine(picture: Picture, columns: number): Span[] {
  const { filter, isTyping, isPaused } = picture.state;
  if (isTyping) return [[`/${filter}`], ['_', 'inverse']];
  const pause: Span[] = isPaused ? [[' PAUSED ', 'inverse'], [' ']] : [];
  const line: Span[] = [...pause, [countText(picture)]];
  const { closed } = selectionOf(picture.rows, picture.state);
  let left = columns - lengthOf(line);
  for (const [key, text] of hintsOf(picture.state, closed)) {
    const hint = `  ${key} ${text}`;
    left -= hint.length;
    if (left < 0) break;
    line.push([hint, 'dim']);
  }
  return line;
}

function countText({ state, rows }: Picture): string {
  const { filter } = state;
  const unit = unitOf(state);
  const { found, all } = selectionOf(rows, state);
  if (filter !== '') return `${found} of ${all} ${unit} (/${filter})`;
  return found === 1 ? `1 ${unit.slice(0, -1)}` : `${found} ${unit}`;
}

function pad(lines: readonly Span[][], length: number): Span[][] {
  return Array.from({ length }, (_, index) => lines[index] ?? []);
}
