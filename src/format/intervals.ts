/** RTTs of each interval as a row for people, as vmstat and mtr have them. All durations in milliseconds. */
import { type IntervalFigures, MOST_PEERS } from '../summary/intervals.js';
import { addressText } from '../text/address.js';
import { shareText, significant } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';

const HEADINGS = ['samples', 'p50_ms', 'p90_ms', 'p99_ms', 'max_ms', 'overdue', 'retrans'] as const;
const SIDE_WIDTH = 'unknown'.length;
/** With all columns, as wide as a terminal is at least. */
const COLUMN_WIDTH = 7;
/** On a terminal the headings come again after so many rows. */
const ROWS_BELOW_HEADINGS = 20;
const NS_PER_MS = 1e6;

export interface IntervalShape {
  readonly isTerminal: boolean;
  readonly isByPeer: boolean;
}

export class IntervalFormatter implements Formatter {
  readonly #clock: Clock;
  readonly #isByPeer: boolean;
  readonly #mostRows: number;
  /** Below the last headings; before the first there are none. */
  #rows = Number.POSITIVE_INFINITY;
  #latest: bigint | undefined;

  constructor(clock: Clock, { isTerminal, isByPeer }: IntervalShape) {
    this.#clock = clock;
    this.#isByPeer = isByPeer;
    this.#mostRows = isTerminal ? ROWS_BELOW_HEADINGS : Number.POSITIVE_INFINITY;
  }

  /** Events are in the figures. */
  format(): void {}

  notice(notice: Notice, chunk: Chunk): boolean {
    if (notice.type !== 'interval') return false;
    const { timestamp, figures } = notice;
    const time = this.#clock.timeOfDay(timestamp);
    // Never between the rows of one interval.
    if (this.#rows >= this.#mostRows && timestamp !== this.#latest) {
      const first = 'time'.padEnd(time.length);
      chunk.append(row(first, 'side', HEADINGS, this.#isByPeer ? 'peer' : ''));
      this.#rows = 0;
    }
    chunk.append(rowOf(time, figures));
    this.#latest = timestamp;
    this.#rows++;
    return true;
  }
}

function rowOf(time: string, figures: IntervalFigures): string {
  const { side, samples, overdue, path, resent } = figures;
  const { p50, p90, p99, max } = path?.rtt ?? {};
  const rtts = [p50, p90, p99, max].map((rtt) =>
    rtt === undefined ? '-' : significant(rtt / NS_PER_MS),
  );
  const counts = [String(samples), ...rtts, String(overdue), shareText(resent.share)];
  return row(time, side, counts, peerText(figures));
}

/** Addresses are of any length: they come last, and the columns line up. */
function row(time: string, side: string, cells: readonly string[], peer: string): string {
  const columns = cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`).join('');
  const start = `${time}  ${side.padEnd(SIDE_WIDTH)}${columns}`;
  return peer === '' ? `${start}\n` : `${start}  ${peer}\n`;
}

function peerText({ peer, peers }: IntervalFigures): string {
  if (peer) return addressText(peer.address, peer.ipVersion);
  if (!peers) return '';
  const { size, told } = peers;
  const least = size < MOST_PEERS ? '' : 'at least ';
  return told < size ? `all (${told} worst of ${least}${size} below)` : 'all';
}
