/** A row of CSV for each interval, side and host, or resolver, of --interval; docs/csv.md has the columns. */
import { interfaceText } from '../events/places.js';
import type { DnsIntervalFigures } from '../summary/dns-intervals.js';
import type { IntervalFigures } from '../summary/intervals.js';
import { areResendsSeen } from '../summary/resent.js';
import { addressText } from '../text/address.js';
import type { Label } from '../text/label.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { type Cell, csvLine, csvName } from './csv-text.js';
import { DNS_CODE_NAMES, dnsCodeCounts } from './dns-codes.js';
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
  'places',
  'capture',
] as const;

/** Where DNS is measured: then rows of RTTs have nothing in these, and rows of DNS nothing in columns of RTTs. */
const DNS_COLUMNS = [
  'src_port',
  'resolver_count',
  'queries',
  'responses',
  'unanswered',
  ...DNS_CODE_NAMES,
  'response_time_min',
  'response_time_p50',
  'response_time_p90',
  'response_time_p95',
  'response_time_p99',
  'response_time_max',
] as const;

type Column = (typeof COLUMNS)[number] | (typeof DNS_COLUMNS)[number];
type Cells = Readonly<Partial<Record<Column, Cell>>>;

export class CsvIntervalFormatter implements Formatter {
  readonly heading: string;
  readonly #clock: Clock;
  readonly #interface: string;
  /** Of labels. */
  readonly #constant: readonly string[];
  readonly #columns: readonly Column[];

  /**
   * @param areProtocolsTold whether there may be others than TCP: then they have a column
   * @param isDnsTold whether there may be response times of DNS: then they have columns
   */
  constructor(
    clock: Clock,
    interfaceName: string | undefined,
    labels: readonly Label[] = [],
    areProtocolsTold = false,
    isDnsTold = false,
  ) {
    const columns = COLUMNS.filter((name) => name !== 'protocol' || areProtocolsTold);
    this.#columns = isDnsTold ? [...columns, ...DNS_COLUMNS] : columns;
    this.#clock = clock;
    this.#interface = csvName(interfaceName);
    this.heading = csvLine([...this.#columns, ...labels.map(({ name }) => name)]);
    this.#constant = labels.map(({ value }) => csvName(value));
  }

  /** Events are in the figures. */
  format(): void {}

  notice(notice: Notice, chunk: Chunk): boolean {
    if (notice.type !== 'interval' && notice.type !== 'dns_interval') return false;
    const { timestamp, length, figures } = notice;
    const { place, places } = figures;
    const cells: Cells = {
      timestamp: this.#clock.epoch(timestamp),
      interface: this.#interface || csvName(interfaceText(place?.seenAt)),
      interval: length,
      places: places?.size,
      capture: csvName(place?.seenAt?.capture),
      ...(notice.type === 'interval' ? figuresCells(notice.figures) : dnsCells(notice.figures)),
    };
    chunk.append(csvLine([...this.#columns.map((name) => cells[name]), ...this.#constant]));
    return true;
  }
}

function figuresCells(figures: IntervalFigures): Cells {
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

function dnsCells(figures: DnsIntervalFigures): Cells {
  const { side, resolver, resolvers, responses, unanswered } = figures;
  const { min, p50, p90, p95, p99, max } = figures.responseTime ?? {};
  return {
    side,
    protocol: 'DNS',
    src_ip: resolver && addressText(resolver.address, resolver.ipVersion),
    src_port: resolver?.port,
    resolver_count: resolvers?.size,
    queries: responses + unanswered,
    responses,
    unanswered,
    ...dnsCodeCounts(figures),
    response_time_min: min,
    response_time_p50: p50,
    response_time_p90: p90,
    response_time_p95: p95,
    response_time_p99: p99,
    response_time_max: max,
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
