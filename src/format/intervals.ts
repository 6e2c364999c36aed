/** RTTs of each interval as a row for people, as vmstat and mtr have them. All durations in milliseconds. */
import { type By, type IntervalFigures, MOST_PEERS } from '../summary/intervals.js';
import { type HostNames, hostText } from '../text/host.js';
import { shareText, significant } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';
import { seenAtText } from './seen-at.js';

/** As wide as their headings, which hardly any figure is longer than. */
const ALL = ['samples', 'p50_ms', 'p90_ms', 'p99_ms', 'max_ms', 'overdue', 'retrans'] as const;
type Column = (typeof ALL)[number];
/** With an address of IPv4 not wider than a terminal: what is overdue is in the figures, too. */
const OF_PARTS = ALL.filter((name) => name !== 'overdue');
const SIDE_WIDTH = 'unknown'.length;
/** `.123456` */
const FRACTION_LENGTH = 7;
/** On a terminal the headings come again after so many rows. */
const ROWS_BELOW_HEADINGS = 20;
const NS_PER_MS = 1e6;

export interface IntervalShape {
  readonly isTerminal: boolean;
  /** What has rows of its own. */
  readonly by: By | undefined;
  /** Whether intervals are no whole seconds. */
  readonly isFine: boolean;
}

export class IntervalFormatter implements Formatter {
  readonly #clock: Clock;
  readonly #shape: IntervalShape;
  readonly #names: HostNames | undefined;
  readonly #mostRows: number;
  /** Below the last headings; before the first there are none. */
  #rows = Number.POSITIVE_INFINITY;
  #latest: bigint | undefined;

  constructor(clock: Clock, shape: IntervalShape, names?: HostNames) {
    this.#clock = clock;
    this.#shape = shape;
    this.#names = names;
    this.#mostRows = shape.isTerminal ? ROWS_BELOW_HEADINGS : Number.POSITIVE_INFINITY;
  }

  /** Events are in the figures. */
  format(): void {}

  notice(notice: Notice, chunk: Chunk): boolean {
    if (notice.type !== 'interval') return false;
    const { timestamp, figures } = notice;
    const time = this.#timeOf(timestamp);
    const { by = '' } = this.#shape;
    const columns = by ? OF_PARTS : ALL;
    // Never between the rows of one interval.
    if (this.#rows >= this.#mostRows && timestamp !== this.#latest) {
      const first = 'time'.padEnd(time.length);
      chunk.append(row(first, 'side', columns, (name) => name, by));
      this.#rows = 0;
    }
    const cells = cellsOf(figures);
    const part = partText(figures, this.#names);
    chunk.append(row(time, figures.side, columns, (name) => cells[name], part));
    this.#latest = timestamp;
    this.#rows++;
    return true;
  }

  #timeOf(timestamp: bigint): string {
    const time = this.#clock.timeOfDay(timestamp);
    return this.#shape.isFine ? time : time.slice(0, -FRACTION_LENGTH);
  }
}

function cellsOf({ samples, overdue, path, resent }: IntervalFigures): Record<Column, string> {
  const { p50, p90, p99, max } = path?.rtt ?? {};
  const text = (rtt: number | undefined) =>
    rtt === undefined ? '-' : significant(rtt / NS_PER_MS);
  return {
    samples: String(samples),
    p50_ms: text(p50),
    p90_ms: text(p90),
    p99_ms: text(p99),
    max_ms: text(max),
    overdue: String(overdue),
    retrans: shareText(resent.share),
  };
}

/** Addresses are of any length: they come last, and the columns line up. */
function row(
  time: string,
  side: string,
  columns: readonly Column[],
  cellOf: (name: Column) => string,
  part: string,
): string {
  const cells = columns.map((name) => ` ${cellOf(name).padStart(name.length)}`).join('');
  const start = `${time}  ${side.padEnd(SIDE_WIDTH)}${cells}`;
  return part === '' ? `${start}\n` : `${start}  ${part}\n`;
}

function partText(figures: IntervalFigures, names: HostNames | undefined): string {
  const { peer, place, peers, places = peers } = figures;
  if (peer) return hostText(peer.address, peer.ipVersion, names);
  if (place) return seenAtText(place.seenAt);
  if (!places) return '';
  const { size, told } = places;
  const least = size < MOST_PEERS ? '' : 'at least ';
  return told < size ? `all (${told} of ${least}${size})` : 'all';
}
