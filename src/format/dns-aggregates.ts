/** Response times of DNS that the core has counted in each interval, as a table of their own: resolvers, the worst first. */
import type { DnsAggregateFigures, DnsSideAggregates } from '../summary/dns-aggregates.js';
import type { HostNames } from '../text/host.js';
import { significant } from '../text/units.js';
import { allText, isOfNone, partText, shownOf } from './aggregate-parts.js';
import type { Chunk } from './chunk.js';
import {
  type IntervalTime,
  intervalRow,
  partsText,
  sideCellOf,
  sideHeading,
} from './interval-row.js';

/** As wide as their headings, which hardly any figure is longer than. */
const COLUMNS = [
  ...(['responses', 'p50_ms', 'p90_ms', 'p99_ms', 'max_ms'] as const),
  ...(['unanswered', 'SERVFAIL', 'NXDOMAIN', 'REFUSED'] as const),
] as const;
type Column = (typeof COLUMNS)[number];
const NS_PER_MS = 1e6;

export interface DnsTable extends IntervalTime {
  /** What resolvers are told apart by; empty where by nothing. */
  readonly by: string;
  /** Of each side. */
  readonly room: number;
  /** Undefined where hosts are shown by their addresses. */
  readonly names: HostNames | undefined;
}

export function appendDnsTable(
  chunk: Chunk,
  sides: readonly DnsSideAggregates[],
  { time, rest, by, room, names }: DnsTable,
): void {
  const heading = 'time'.padEnd(time.length);
  chunk.append(intervalRow(heading, sideHeading(true), COLUMNS, (name) => name, by));
  for (const { side, all, parts } of sides) {
    const cells = sideCellOf({ side, protocol: 'DNS' }, true);
    const append = (figures: DnsAggregateFigures, part: string) =>
      chunk.append(intervalRow(time, cells, COLUMNS, (name) => cell(name, figures), part));
    const told = isOfNone(parts) ? [] : parts;
    append(all, partsText(allText(told.length, room), rest));
    for (const part of shownOf(told, room)) append(part, partText(part, names));
  }
}

function cell(column: Column, figures: DnsAggregateFigures): string {
  const { responses, unanswered, responseTime, rcodes } = figures;
  const text = (value: number | undefined) =>
    value === undefined ? '-' : significant(value / NS_PER_MS);
  switch (column) {
    case 'responses':
      return String(responses);
    case 'p50_ms':
      return text(responseTime?.p50);
    case 'p90_ms':
      return text(responseTime?.p90);
    case 'p99_ms':
      return text(responseTime?.p99);
    case 'max_ms':
      return text(responseTime?.max);
    case 'unanswered':
      return String(unanswered);
    default:
      return String(rcodes.get(column) ?? 0);
  }
}
