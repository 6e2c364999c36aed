/** RTTs that the core has counted in each interval, as a table for people: the worst first, as many as there is room for. */
import { labelWithUser } from '../attribution/label.js';
import type { Event } from '../events/types.js';
import type { AggregatedBy } from '../sampling/aggregation.js';
import type {
  AggregatedNetwork,
  AggregatedOwner,
  AggregateFigures,
  SideAggregates,
} from '../summary/aggregates.js';
import { resentIn } from '../summary/resent.js';
import { addressText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostText } from '../text/host.js';
import { shareText } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';
import { cellText, intervalRow, intervalTime, sideCellOf, sideHeading } from './interval-row.js';
import { seenAtText } from './seen-at.js';

const COLUMNS = ['samples', 'p50_ms', 'p90_ms', 'p99_ms', 'max_ms', 'overdue', 'retrans'] as const;
type Column = (typeof COLUMNS)[number];
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
  readonly #clock: Clock;
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
    this.#clock = clock;
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
    if (notice.type === 'aggregate') return true;
    if (notice.type !== 'aggregates') return false;
    const { timestamp, sides } = notice;
    const { isFine, areProtocolsTold = false } = this.#shape;
    const time = intervalTime(this.#clock, timestamp, isFine);
    const by = this.#shape.by === 'none' ? '' : this.#shape.by;
    const side = sideHeading(areProtocolsTold);
    chunk.append(intervalRow('time'.padEnd(time.length), side, COLUMNS, (name) => name, by));
    for (const told of sides) this.#appendSide(time, told, this.#roomOf(sides), chunk);
    return true;
  }

  #appendSide(time: string, told: SideAggregates, room: number, chunk: Chunk): void {
    const { all } = told;
    const side = sideCellOf(told, this.#shape.areProtocolsTold ?? false);
    const append = (figures: AggregateFigures, part: string) =>
      chunk.append(intervalRow(time, side, COLUMNS, (name) => cell(name, figures), part));
    const parts = isOfNone(told.parts) ? [] : told.parts;
    append(all, allText(parts.length, room));
    for (const part of shown(parts, room)) append(part, partText(part, this.#names));
  }

  /** Headings, a row of all of each side and protocol, and the line that the cursor is in. */
  #roomOf(sides: readonly SideAggregates[]): number {
    const rows = this.#shape.rows();
    if (rows === undefined) return ROWS_OF_SIDE;
    return Math.max(1, Math.floor((rows - 2 - sides.length) / Math.max(1, sides.length)));
  }
}

function cell(column: Column, figures: AggregateFigures): string {
  if (column !== 'retrans') return cellText(column, figures);
  return shareText(resentIn(figures));
}

/** The worst; and always those for which there was no room in the kernel. */
function shown(parts: readonly AggregateFigures[], room: number): readonly AggregateFigures[] {
  const worst = parts.slice(0, room);
  const others = parts.find(({ isOthers }) => isOthers);
  return others && !worst.includes(others) ? [...worst.slice(0, -1), others] : worst;
}

function allText(size: number, room: number): string {
  if (size === 0) return '';
  return size > room ? `all (${room} of ${size})` : 'all';
}

/** Where nothing tells it from all, it would be the same twice. */
function isOfNone([first, second]: readonly AggregateFigures[]): boolean {
  return first !== undefined && second === undefined && partText(first) === '';
}

function partText(figures: AggregateFigures, names?: HostNames): string {
  const { network, owner, seenAt, isOthers } = figures;
  if (isOthers) return 'others';
  if (owner) return ownerText(owner);
  const where = seenAt ? seenAtText(seenAt) : '';
  if (!network) return where;
  return `${networkText(network, names)}${where && `  ${where}`}`;
}

/** Printable. */
export function ownerText({ attribution }: AggregatedOwner): string {
  return asciiText(labelWithUser(attribution));
}

/** A host as a host. */
export function networkText(
  { address, ipVersion, bits }: AggregatedNetwork,
  names?: HostNames,
): string {
  if (bits === (ipVersion === 4 ? 32 : 128)) return hostText(address, ipVersion, names);
  return `${addressText(address, ipVersion)}/${bits}`;
}
