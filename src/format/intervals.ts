/** RTTs of each interval as a row for people, and response times of DNS as another. */
import type { SideKey } from '../summary/by-side.js';
import type { DnsIntervalFigures } from '../summary/dns-intervals.js';
import type { By, IntervalFigures, Told } from '../summary/intervals.js';
import { type HostNames, hostText } from '../text/host.js';
import { shareText } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';
import {
  COLUMNS,
  type Column,
  cellText,
  IntervalTimes,
  intervalRow,
  partsText,
  sideCellOf,
  sideHeading,
} from './interval-row.js';
import { failureText, resolverText } from './resolvers.js';
import { seenAtText } from './seen-at.js';

/** With an address of IPv4 not wider than a terminal: what is overdue is in the figures, too. */
const OF_PARTS = COLUMNS.filter((name) => name !== 'overdue');
/** On a terminal the headings come again after so many rows. */
const ROWS_BELOW_HEADINGS = 20;

export interface IntervalShape {
  readonly isTerminal: boolean;
  /** What has rows of its own. */
  readonly by: By | undefined;
  /** Whether intervals are no whole seconds. */
  readonly isFine: boolean;
  /** Whether there may be others than TCP. */
  readonly areProtocolsTold?: boolean;
  /** Whether there may be response times of DNS. */
  readonly isDnsTold?: boolean;
}

/** What is in a row. */
interface Row {
  readonly timestamp: bigint;
  readonly length: bigint;
  readonly side: SideKey;
  readonly part: string;
  cellOf(column: Column): string;
}

export class IntervalFormatter implements Formatter {
  readonly #shape: IntervalShape;
  readonly #names: HostNames | undefined;
  readonly #times: IntervalTimes;
  readonly #mostRows: number;
  /** Below the last headings; before the first there are none. */
  #rows = Number.POSITIVE_INFINITY;
  #latest: bigint | undefined;

  constructor(clock: Clock, shape: IntervalShape, names?: HostNames) {
    this.#shape = shape;
    this.#names = names;
    this.#times = new IntervalTimes(clock, shape.isFine);
    this.#mostRows = shape.isTerminal ? ROWS_BELOW_HEADINGS : Number.POSITIVE_INFINITY;
  }

  /** Events are in the figures. */
  format(): void {}

  notice(notice: Notice, chunk: Chunk): boolean {
    const row = this.#rowOf(notice);
    if (row) this.#append(row, chunk);
    return row !== undefined;
  }

  #rowOf(notice: Notice): Row | undefined {
    if (notice.type === 'interval') {
      const { timestamp, length, figures } = notice;
      const part = partText(figures, this.#names);
      return { timestamp, length, side: figures, part, cellOf: (column) => cell(column, figures) };
    }
    if (notice.type !== 'dns_interval') return undefined;
    const { timestamp, length, figures } = notice;
    const side = { side: figures.side, protocol: 'DNS' } as const;
    const part = dnsPartText(figures, this.#names);
    return { timestamp, length, side, part, cellOf: (column) => dnsCell(column, figures) };
  }

  #append(row: Row, chunk: Chunk): void {
    const { timestamp, side, part, cellOf } = row;
    const { time, rest } = this.#times.of(row);
    const { by = '', areProtocolsTold = false } = this.#shape;
    const columns = by ? OF_PARTS : COLUMNS;
    // Never between the rows of one interval.
    if (this.#rows >= this.#mostRows && timestamp !== this.#latest) {
      const first = 'time'.padEnd(time.length);
      chunk.append(intervalRow(first, sideHeading(areProtocolsTold), columns, (name) => name, by));
      this.#rows = 0;
    }
    const cells = sideCellOf(side, areProtocolsTold);
    chunk.append(intervalRow(time, cells, columns, cellOf, partsText(part, rest)));
    this.#latest = timestamp;
    this.#rows++;
  }
}

function cell(column: Column, { samples, overdue, path, resent }: IntervalFigures): string {
  if (column === 'retrans') return shareText(resent.share);
  return cellText(column, { samples, overdue, rtt: path?.rtt });
}

/** Response times are in the place of RTTs. No query is overdue: that one is unanswered is told behind the row. */
function dnsCell(column: Column, { responses, responseTime }: DnsIntervalFigures): string {
  if (column === 'retrans' || column === 'overdue') return '-';
  return cellText(column, { samples: responses, overdue: 0, rtt: responseTime });
}

function partText(figures: IntervalFigures, names: HostNames | undefined): string {
  const { peer, place, peers, places = peers } = figures;
  if (peer) return hostText(peer.address, peer.ipVersion, names);
  if (place) return seenAtText(place.seenAt);
  return places ? allText(places) : '';
}

/** Whose these are, and what resolvers have not done. */
function dnsPartText(figures: DnsIntervalFigures, names: HostNames | undefined): string {
  const { unanswered } = figures;
  const part = dnsPartName(figures, names);
  const missing = unanswered > 0 ? [`${unanswered} unanswered`] : [];
  const failures = [...missing, failureText(figures)].filter((text) => text !== '').join(', ');
  return partsText(part, failures);
}

function dnsPartName(figures: DnsIntervalFigures, names: HostNames | undefined): string {
  const { resolver, place, resolvers, places = resolvers } = figures;
  if (resolver) return resolverText(resolver, names);
  if (place) return seenAtText(place.seenAt);
  return places ? allText(places) : '';
}

function allText({ size, told, isFull = false }: Told): string {
  const least = isFull ? 'at least ' : '';
  return told < size ? `all (${told} of ${least}${size})` : 'all';
}
