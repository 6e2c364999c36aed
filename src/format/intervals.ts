/** RTTs of each interval as a row for people. */
import { type By, type IntervalFigures, MOST_PEERS } from '../summary/intervals.js';
import { type HostNames, hostText } from '../text/host.js';
import { shareText } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';
import { cellText, intervalRow, intervalTime, sideCellOf, sideHeading } from './interval-row.js';
import { seenAtText } from './seen-at.js';

const ALL = ['samples', 'p50_ms', 'p90_ms', 'p99_ms', 'max_ms', 'overdue', 'retrans'] as const;
type Column = (typeof ALL)[number];
/** With an address of IPv4 not wider than a terminal: what is overdue is in the figures, too. */
const OF_PARTS = ALL.filter((name) => name !== 'overdue');
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
    const time = intervalTime(this.#clock, timestamp, this.#shape.isFine);
    const { by = '', areProtocolsTold = false } = this.#shape;
    const columns = by ? OF_PARTS : ALL;
    // Never between the rows of one interval.
    if (this.#rows >= this.#mostRows && timestamp !== this.#latest) {
      const first = 'time'.padEnd(time.length);
      chunk.append(intervalRow(first, sideHeading(areProtocolsTold), columns, (name) => name, by));
      this.#rows = 0;
    }
    const part = partText(figures, this.#names);
    const side = sideCellOf(figures, areProtocolsTold);
    chunk.append(intervalRow(time, side, columns, (name) => cell(name, figures), part));
    this.#latest = timestamp;
    this.#rows++;
    return true;
  }
}

function cell(column: Column, { samples, overdue, path, resent }: IntervalFigures): string {
  if (column === 'retrans') return shareText(resent.share);
  return cellText(column, { samples, overdue, rtt: path?.rtt });
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
