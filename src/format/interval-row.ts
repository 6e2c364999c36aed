/** A row of the figures of an interval for people, as vmstat and mtr have them. All durations in milliseconds. */
import type { SideKey } from '../summary/by-side.js';
import type { Distribution } from '../summary/distribution.js';
import { significant } from '../text/units.js';
import type { Clock } from './clock.js';

/** What each row has, in this order. */
export const COLUMNS = [
  'samples',
  'p50_ms',
  'p90_ms',
  'p99_ms',
  'max_ms',
  'overdue',
  'retrans',
] as const;
export type Column = (typeof COLUMNS)[number];

const SIDE_WIDTH = 'unknown'.length;
const PROTOCOL_WIDTH = 'protocol'.length;
/** `.123456` */
const FRACTION_LENGTH = 7;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** As wide as their headings, which hardly any figure is longer than. */
export type RowColumn = Exclude<Column, 'retrans'>;

export interface RowFigures {
  readonly samples: number;
  readonly overdue: number;
  /** Undefined where there is none. */
  readonly rtt: Distribution | undefined;
}

export function cellText(column: RowColumn, { samples, overdue, rtt }: RowFigures): string {
  const text = (value: number | undefined) =>
    value === undefined ? '-' : significant(value / NS_PER_MS);
  switch (column) {
    case 'samples':
      return String(samples);
    case 'p50_ms':
      return text(rtt?.p50);
    case 'p90_ms':
      return text(rtt?.p90);
    case 'p99_ms':
      return text(rtt?.p99);
    case 'max_ms':
      return text(rtt?.max);
    case 'overdue':
      return String(overdue);
  }
}

export interface IntervalTime {
  /** When it has ended. */
  readonly time: string;
  /** Of one whose time is that of the interval before, as of a short rest at the end, how long it was; else empty. */
  readonly rest: string;
}

export class IntervalTimes {
  readonly #clock: Clock;
  readonly #isFine: boolean;
  #timestamp: bigint | undefined;
  #length: bigint | undefined;
  #latest: IntervalTime = { time: '', rest: '' };

  /** @param isFine whether intervals are no whole seconds */
  constructor(clock: Clock, isFine: boolean) {
    this.#clock = clock;
    this.#isFine = isFine;
  }

  /** To be asked in the order of time; also again of the same interval. */
  of({ timestamp, length }: { readonly timestamp: bigint; readonly length: bigint }): IntervalTime {
    // What is at the very end of an interval may be a rest of no length.
    if (timestamp === this.#timestamp && length === this.#length) return this.#latest;
    const time = this.#timeOf(timestamp);
    const rest = time === this.#latest.time ? `(${significant(Number(length) / NS_PER_S)} s)` : '';
    this.#timestamp = timestamp;
    this.#length = length;
    this.#latest = { time, rest };
    return this.#latest;
  }

  #timeOf(timestamp: bigint): string {
    const time = this.#clock.timeOfDay(timestamp);
    return this.#isFine ? time : time.slice(0, -FRACTION_LENGTH);
  }
}

/** What comes behind the figures. */
export function partsText(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}

/** @param protocol undefined where they are not told apart */
function sideCell(side: string, protocol: string | undefined): string {
  const text = side.padEnd(SIDE_WIDTH);
  return protocol === undefined ? text : `${text}  ${protocol.padEnd(PROTOCOL_WIDTH)}`;
}

/** Of figures. @param areProtocolsTold whether there is a column of them */
export function sideCellOf({ side, protocol }: SideKey, areProtocolsTold: boolean): string {
  return sideCell(side, areProtocolsTold ? (protocol ?? '-') : undefined);
}

/** Their heading. */
export function sideHeading(areProtocolsTold: boolean): string {
  return sideCell('side', areProtocolsTold ? 'protocol' : undefined);
}

/** Addresses are of any length: they come last, and the columns line up. @param side as of sideCellOf() */
export function intervalRow<Name extends string>(
  time: string,
  side: string,
  columns: readonly Name[],
  cellOf: (name: Name) => string,
  part: string,
): string {
  const cells = columns.map((name) => ` ${cellOf(name).padStart(name.length)}`).join('');
  const start = `${time}  ${side}${cells}`;
  return part === '' ? `${start}\n` : `${start}  ${part}\n`;
}
