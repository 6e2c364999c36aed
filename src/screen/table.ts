/** The rows of the live view, in which columns. */

import { lossSeverityOf, severityOf } from '../summary/severity.js';
import { shortened, shortenedEnds } from '../text/shortened.js';
import { durationText, percent, shareText, significant } from '../text/units.js';
import type { Figure, Look } from './row.js';
import type { RowKind } from './rows.js';
import { interfaceOf, isAscending } from './selection.js';
import type { Span, Style } from './spans.js';
import { SLICES } from './sparkline.js';
import { kindOf, type State, sortOf, sortsOf, unitOf } from './state.js';

interface Column {
  /** With the key that sorts by it: its only capital, or a digit (sorts.ts). */
  readonly title: string;
  readonly sort: Figure;
  readonly width: number;
  text(row: Look): string;
}

const milliseconds = (time: number | undefined) =>
  time === undefined ? '-' : significant(time / 1e6);
const whole = (count = 0) => String(count);

const COLUMNS: readonly Column[] = [
  { title: 'Last', sort: 'last', width: 7, text: ({ last }) => milliseconds(last) },
  { title: 'Min', sort: 'least', width: 7, text: ({ least }) => milliseconds(least) },
  { title: 'p50', sort: 'median', width: 7, text: ({ median }) => milliseconds(median) },
  { title: 'p90', sort: 'p90', width: 7, text: ({ p90 }) => milliseconds(p90) },
  { title: 'P99', sort: 'p99', width: 7, text: ({ p99 }) => milliseconds(p99) },
  { title: 'maX', sort: 'most', width: 7, text: ({ most }) => milliseconds(most) },
  { title: 'Queue', sort: 'queueing', width: 7, text: ({ queueing }) => milliseconds(queueing) },
  { title: 'reTr', sort: 'resent', width: 6, text: ({ resent }) => shareText(resent) },
  { title: 'meas', sort: 'measured', width: 6, text: measuredText },
  { title: 'flows', sort: 'flows', width: 7, text: ({ flows }) => whole(flows) },
  { title: 'Failed', sort: 'failed', width: 7, text: ({ failed }) => whole(failed) },
  {
    title: 'Unanswered',
    sort: 'unanswered',
    width: 11,
    text: ({ unanswered }) => whole(unanswered),
  },
  { title: 'Queries', sort: 'queries', width: 8, text: ({ queries }) => whole(queries) },
  { title: 'Overdue', sort: 'overdue', width: 8, text: ({ overdue }) => whole(overdue) },
  { title: 'Samples', sort: 'samples', width: 8, text: ({ samples }) => whole(samples) },
  { title: 'Age', sort: 'age', width: 5, text: ({ age = 0 }) => ageText(age) },
];
const FIRST_TITLES = {
  peers: ['peer'],
  flows: ['flow (responder first)', 'flow'],
  owners: ['owner'],
  interfaces: ['interface'],
  networks: ['network'],
  sides: ['side'],
  resolvers: ['DNS resolver'],
} as const;
/** Of DNS, where that is counted in the kernel. */
const DNS_TITLES: { readonly [counted in RowKind]?: readonly string[] } = {
  networks: ['DNS resolvers'],
  owners: ['DNS client'],
  interfaces: ['DNS, interface'],
  sides: ['DNS'],
};
/** Beside a flow; the last one always has room. */
const INTERFACE_TITLES = ['interface', 'iface'] as const;
/** Only where a row has it; what is sent again is always told of what is measured event by event. */
const OPTIONAL: readonly Figure[] = ['measured', 'flows'];
const OPTIONAL_OF_AGGREGATES: readonly Figure[] = ['resent'];
/** They go first where names are long. */
const LEAST_WANTED: readonly Figure[] = [
  ...(['age', 'samples', 'queries', 'resent', 'measured', 'flows'] as const),
];
const LEAST_WANTED_OF_AGGREGATES: readonly Figure[] = ['resent', 'least', 'p90', 'most'];
/** They go next, where not even the least name has room beside the others. */
const NEXT_TO_GO: readonly Figure[] = [
  ...(['last', 'least', 'p90', 'most', 'overdue', 'median', 'unanswered', 'p99'] as const),
  ...(['failed', 'samples', 'queries', 'queueing'] as const),
];
const SIDE_MARKS = { beyond: '> ', behind: '< ', unknown: '  ' } as const;
const MARK_WIDTH = 2;
const STYLES = { fine: 'plain', notable: 'yellow', alarming: 'red' } as const;
/** An IPv4 address and a little more. */
const LEAST_NAME = 16;
const LEAST_SPARK = 6;
/** Of Linux: 15 characters. Shortened beside long names of flows, it still tells interfaces apart. */
const INTERFACE = { least: 'iface'.length, short: 8, most: 15 } as const;

interface Layout {
  readonly columns: readonly Column[];
  readonly name: number;
  /** Of the interface, with the space before it; 0 where it is not told. */
  readonly interface: number;
  /** 0 where there is no room for it. */
  readonly spark: number;
  /** Whether names are of two ends. */
  readonly areFlows: boolean;
}

/** The heading, and a line for each row. */
export function tableLines(rows: readonly Look[], state: State, columns: number): Span[][] {
  const layout = layoutFor(rows, state, columns);
  return [heading(state, layout, columns), ...rows.map((row) => rowSpans(row, layout))];
}

/** The name comes first, and what is sorted by; what is left is the last minute's, if it is enough. */
function layoutFor(rows: readonly Look[], state: State, width: number): Layout {
  const least = kindOf(state) === 'interfaces' ? INTERFACE_TITLES[0].length : LEAST_NAME;
  const longest = Math.max(least, ...rows.map((row) => shownName(row).length));
  const wanted = interfaceWidth(rows, state);
  const roomBeside = (columns: readonly Column[]) => width - MARK_WIDTH - widthOf(columns);
  let columns = columnsFor(rows, state);
  for (const sort of state.counted ? LEAST_WANTED_OF_AGGREGATES : LEAST_WANTED) {
    if (sort === sortOf(state)) continue;
    if (roomBeside(columns) < longest + wanted)
      columns = columns.filter((column) => column.sort !== sort);
  }
  for (const sort of NEXT_TO_GO) {
    if (sort !== sortOf(state) && roomBeside(columns) < least)
      columns = columns.filter((column) => column.sort !== sort);
  }
  const at = interfaceWidthIn(roomBeside(columns), longest, wanted);
  const room = Math.max(least, roomBeside(columns) - at);
  const spark = Math.min(SLICES, room - longest - 1);
  const named = { columns, interface: at, areFlows: unitOf(state) === 'flows' };
  return spark >= LEAST_SPARK
    ? { ...named, name: longest, spark }
    : { ...named, name: room, spark: 0 };
}

function columnsFor(rows: readonly Look[], state: State): readonly Column[] {
  const sorts = sortsOf(state);
  const optional = state.counted ? OPTIONAL_OF_AGGREGATES : OPTIONAL;
  return COLUMNS.filter(({ sort }) =>
    optional.includes(sort)
      ? rows.some((row) => row[sort] !== undefined)
      : sorts.some((each) => each === sort),
  );
}

/** With the space before it; 0 where it is not to be told. */
function interfaceWidth(rows: readonly Look[], state: State): number {
  const unit = unitOf(state);
  if (!state.areInterfacesSeveral || (unit !== 'flows' && unit !== 'networks')) return 0;
  const longest = Math.max(INTERFACE.least, ...rows.map((row) => interfaceOf(row).length));
  return 1 + Math.min(INTERFACE.most, longest);
}

/** In full beside whole names of flows, else shortened; where these would have no room, not at all. */
function interfaceWidthIn(room: number, name: number, wanted: number): number {
  const width = Math.min(wanted, Math.max(room - name, 1 + INTERFACE.short));
  return room - width < LEAST_NAME ? 0 : width;
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

function heading(state: State, layout: Layout, width: number): Span[] {
  const { columns, name, interface: at, spark } = layout;
  const mark = isAscending(state) ? '▲' : '▼';
  const titles = columns.map(({ title, sort: by, width: room }): Span => {
    const text = (by === sortOf(state) ? `${mark}${title}` : title).padStart(room);
    return [text, 'inverse'];
  });
  const first = titleIn(firstTitles(state), name);
  const place = interfaceCell(titleIn(INTERFACE_TITLES, at - 1), at, 'inverse');
  const last = spark > 0 ? ` ${sparkTitle(spark, state)}` : '';
  const used = MARK_WIDTH + name + at + widthOf(columns);
  return [
    [`  ${first}`.padEnd(MARK_WIDTH + name), 'inverse'],
    ...place,
    ...titles,
    [last.padEnd(Math.max(0, width - used)), 'inverse'],
  ];
}

function firstTitles(state: State): readonly string[] {
  const kind = kindOf(state);
  const ofDns = kind === 'resolvers' && state.counted && DNS_TITLES[state.counted];
  return ofDns || FIRST_TITLES[kind];
}

/** Of which time there is room for the bars. */
function sparkTitle(slices: number, { slice, counted }: State): string {
  const time = durationText(BigInt(slices) * BigInt(slice));
  if (counted) return titleIn([`p99, last ${time}`, `last ${time}`, time], slices);
  return titleIn([slices < SLICES ? `last ${time}` : 'last minute', time], slices);
}

/** The first that fits. */
function titleIn(titles: readonly string[], width: number): string {
  return titles.find(({ length }) => length <= width) ?? '';
}

function shownName({ name, shownName }: Look): string {
  return shownName ?? name;
}

function rowSpans(row: Look, layout: Layout): Span[] {
  const { columns, name, interface: at, spark, areFlows } = layout;
  const style: Style = waitingStyle(row);
  const quiet: Style = row.isClosed ? 'dim' : 'plain';
  return [
    [SIDE_MARKS[row.side], 'dim'],
    [(areFlows ? shortenedEnds : shortened)(shownName(row), name), quiet],
    ...interfaceCell(interfaceOf(row), at, quiet),
    ...columns.map(({ sort, width, text }): Span => {
      const cell = styleOf(sort, row);
      return [text(row).padStart(width), cell === 'plain' ? quiet : cell];
    }),
    [spark > 0 ? ` ${row.lastMinute.slice(-spark)}` : '', style === 'plain' ? 'green' : style],
  ];
}

function interfaceCell(text: string, width: number, style: Style): Span[] {
  return width > 0 ? [[` ${shortened(text, width - 1)}`, style]] : [];
}

/** What asks for attention is coloured. */
function styleOf(sort: Column['sort'], row: Look): Style {
  if (sort === 'resent') return STYLES[lossSeverityOf(row.resent ?? 0)];
  // As of losses: who asks has to ask again.
  if (sort === 'failed' || sort === 'unanswered') {
    return STYLES[lossSeverityOf((row[sort] ?? 0) / Math.max(1, row.queries ?? 1))];
  }
  return sort === 'queueing' || sort === 'median' ? waitingStyle(row) : 'plain';
}

function waitingStyle({ least, queueing }: Look): Style {
  if (least === undefined || queueing === undefined) return 'plain';
  return STYLES[severityOf({ least, queueing })];
}

/** Not 100% where it is a little less. */
function measuredText({ measured = 1 }: Look): string {
  return percent(measured, 1).replace(' ', '');
}

/** 7s, 12m, 3h. */
function ageText(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
