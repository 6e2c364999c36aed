/** A row of CSV for each interval, side and host of --interval; docs/csv.md has the columns. */
import { interfaceText } from '../events/places.js';
import type { IntervalFigures } from '../summary/intervals.js';
import { areResendsSeen } from '../summary/resent.js';
import { addressText } from '../text/address.js';
import type { Label } from '../text/label.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { type Cell, csvLine, csvName } from './csv-text.js';
import type { Formatter, Notice } from './formatter.js';

const COLUMNS = [
  'timestamp',
  'interface',
  'interval',
  'side',
  'protocol',
  'src_ip',
  'samples',
  'overdue',
  'peers',
  'reported',
  'path_answers',
  'path_reported',
  'path_rtt_min',
  'path_rtt_p50',
  'path_rtt_p90',
  'path_rtt_p95',
  'path_rtt_p99',
  'path_rtt_max',
  'bytes',
  'retransmitted_bytes',
] as const;

type Cells = Readonly<Record<(typeof COLUMNS)[number], Cell>>;

export class CsvIntervalFormatter implements Formatter {
  readonly heading: string;
  readonly #clock: Clock;
  readonly #interface: string;
  /** Of labels. */
  readonly #constant: readonly string[];
  readonly #columns: readonly (typeof COLUMNS)[number][];

  /** @param areProtocolsTold whether there may be others than TCP: then they have a column */
  constructor(
    clock: Clock,
    interfaceName: string | undefined,
    labels: readonly Label[] = [],
    areProtocolsTold = false,
  ) {
    this.#columns = COLUMNS.filter((name) => name !== 'protocol' || areProtocolsTold);
    this.#clock = clock;
    this.#interface = csvName(interfaceName);
    this.heading = csvLine([...this.#columns, ...labels.map(({ name }) => name)]);
    this.#constant = labels.map(({ value }) => csvName(value));
  }

  /** Events are in the figures. */
  format(): void {}

  notice(notice: Notice, chunk: Chunk): boolean {
    if (notice.type !== 'interval') return false;
    const { timestamp, length, figures } = notice;
    const cells: Cells = {
      timestamp: this.#clock.epoch(timestamp),
      interface: this.#interface || csvName(interfaceText(figures.place?.seenAt)),
      interval: length,
      ...figuresCells(figures),
    };
    chunk.append(csvLine([...this.#columns.map((name) => cells[name]), ...this.#constant]));
    return true;
  }
}

function figuresCells(figures: IntervalFigures) {
  const { side, protocol, peer, peers, samples, overdue, reported, path, resent } = figures;
  return {
    side,
    protocol,
    src_ip: peer && addressText(peer.address, peer.ipVersion),
    samples,
    overdue,
    peers: peers?.size,
    reported,
    ...pathCells(path),
    bytes: resent.bytes,
    retransmitted_bytes: areResendsSeen(protocol) ? resent.again : undefined,
  };
}

function pathCells(path: IntervalFigures['path']) {
  const { min, p50, p90, p95, p99, max } = path?.rtt ?? {};
  return {
    path_answers: path?.kind,
    path_reported: path?.reported,
    path_rtt_min: min,
    path_rtt_p50: p50,
    path_rtt_p90: p90,
    path_rtt_p95: p95,
    path_rtt_p99: p99,
    path_rtt_max: max,
  };
}
