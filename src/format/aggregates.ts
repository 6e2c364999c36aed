/** RTTs that the core has counted in each interval, as a table for people: the worst first, as many as there is room for. */
import type { Event } from '../events/types.js';
import type { AggregatedBy } from '../sampling/aggregation.js';
import type { AggregateFigures, SideAggregates } from '../summary/aggregates.js';
import { resentIn } from '../summary/resent.js';
import type { HostNames } from '../text/host.js';
import { shareText } from '../text/units.js';
import { allText, isOfNone, partText, shownOf } from './aggregate-parts.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { appendDnsTable } from './dns-aggregates.js';
import type { Formatter, Notice } from './formatter.js';
import {
  COLUMNS,
  type Column,
  cellText,
  type IntervalTime,
  IntervalTimes,
  intervalRow,
  partsText,
  sideCellOf,
  sideHeading,
} from './interval-row.js';

/** Of each side, where nobody watches. */
const ROWS_OF_SIDE = 10;

export interface AggregateShape {
  readonly by: AggregatedBy;
  /** Whether there are lines for events, too. */
  readonly events: boolean;
  /** Whether intervals are no whole seconds. */
  readonly isFine: boolean;
  /** Whether there may be others than TCP. */
  readonly areProtocolsTold?: boolean;
  /** Of the terminal; undefined where there is none. */
  readonly rows: () => number | undefined;
}

export class AggregateFormatter implements Formatter {
  readonly #times: IntervalTimes;
  readonly #shape: AggregateShape;
  readonly #names: HostNames | undefined;
  readonly #events: Formatter | undefined;

  /**
   * @param names undefined where hosts are shown by their addresses
   * @param events has the lines of events; undefined where there are none
   */
  constructor(
    clock: Clock,
    shape: AggregateShape,
    names: HostNames | undefined,
    events: Formatter | undefined,
  ) {
    this.#times = new IntervalTimes(clock, shape.isFine);
    this.#shape = shape;
    this.#names = names;
    this.#events = events;
  }

  format(event: Event, chunk: Chunk): void {
    this.#events?.format(event, chunk);
  }

  refresh(flowId: number): void {
    this.#events?.refresh?.(flowId);
  }

  refreshAll(): void {
    this.#events?.refreshAll?.();
  }

  notice(notice: Notice, chunk: Chunk): boolean {
    if (notice.type === 'aggregate' || notice.type === 'dns_aggregate') return true;
    if (notice.type !== 'aggregates') return false;
    const { sides, dns = [] } = notice;
    const time = this.#times.of(notice);
    const by = this.#shape.by === 'none' ? '' : this.#shape.by;
    const room = this.#roomOf(sides.length, dns.length);
    if (sides.length > 0) this.#appendHeading(time.time, by, chunk);
    for (const told of sides) this.#appendSide(time, told, room, chunk);
    if (dns.length > 0) appendDnsTable(chunk, dns, { ...time, by, room, names: this.#names });
    return true;
  }

  #appendHeading(time: string, by: string, chunk: Chunk): void {
    const side = sideHeading(this.#shape.areProtocolsTold ?? false);
    chunk.append(intervalRow('time'.padEnd(time.length), side, COLUMNS, (name) => name, by));
  }

  #appendSide(
    { time, rest }: IntervalTime,
    told: SideAggregates,
    room: number,
    chunk: Chunk,
  ): void {
    const { all } = told;
    const side = sideCellOf(told, this.#shape.areProtocolsTold ?? false);
    const append = (figures: AggregateFigures, part: string) =>
      chunk.append(intervalRow(time, side, COLUMNS, (name) => cell(name, figures), part));
    const parts = isOfNone(told.parts) ? [] : told.parts;
    append(all, partsText(allText(parts.length, room), rest));
    for (const part of shownOf(parts, room)) append(part, partText(part, this.#names));
  }

  /** Headings, a row of all of each side and protocol, and the line that the cursor is in. */
  #roomOf(ofRtts: number, ofDns: number): number {
    const rows = this.#shape.rows();
    if (rows === undefined) return ROWS_OF_SIDE;
    const sides = ofRtts + ofDns;
    const headings = (ofRtts > 0 ? 1 : 0) + (ofDns > 0 ? 1 : 0);
    return Math.max(1, Math.floor((rows - 1 - headings - sides) / Math.max(1, sides)));
  }
}

function cell(column: Column, figures: AggregateFigures): string {
  if (column !== 'retrans') return cellText(column, figures);
  return shareText(resentIn(figures));
}
