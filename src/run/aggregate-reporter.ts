/** What the core has counted of RTTs in each interval of a run, as notices. Times in ns on the clock of the events. */
import { type Aggregate, type DnsAggregate, isOfDns } from '../events/aggregate.js';
import type { SeenAtOf } from '../events/places.js';
import type { AggregateShape } from '../format/aggregates.js';
import type { Notice } from '../format/formatter.js';
import type { RunOptions } from '../options/options.js';
import { isAggregated } from '../sampling/aggregation.js';
import type { Sink } from '../sink/sink.js';
import type { OwnerOf } from '../summary/aggregated-who.js';
import { Aggregates, type SideAggregates } from '../summary/aggregates.js';
import { DnsAggregates, type DnsSideAggregates } from '../summary/dns-aggregates.js';
import type { Side } from '../summary/sides.js';
import type { Totals } from '../summary/totals.js';
import { isOnTerminal } from './output.js';
import { PeriodicReporter } from './periodic-reporter.js';
import type { Pump } from './pump.js';
import { Room } from './room.js';
import type { Shutdown } from './shutdown.js';

/** Lines that are made before there has to be room for more. */
const PORTION = 1_000;
const NS_PER_SECOND = 1_000_000_000n;

/** How they are shown; undefined where there are none. */
export function aggregateShapeOf(options: RunOptions): AggregateShape | undefined {
  const { aggregation, measured } = options;
  if (aggregation.interval === undefined) return undefined;
  const isFine = aggregation.interval % NS_PER_SECOND !== 0n;
  const rows = () => (isOnTerminal(options) ? process.stdout.rows : undefined);
  const { by, events } = aggregation;
  return { by, events, isFine, rows, areProtocolsTold: measured.areProtocolsTold };
}

type Counted = Aggregate | DnsAggregate;

/** Of one interval, what is told of it. */
interface Told {
  readonly sides: readonly SideAggregates[];
  readonly dns: readonly DnsSideAggregates[];
}

export interface AggregateParts {
  readonly options: Pick<RunOptions, 'aggregation' | 'measured' | 'quiet'>;
  /** What has been counted since the last time. */
  readonly source: { takeAggregates(): Promise<Counted[]> | Counted[] };
  readonly totals: Pick<Totals, 'acceptAggregated' | 'acceptAggregatedDns'>;
  readonly pump: Pump;
  readonly sink: Pick<Sink, 'room'>;
  readonly shutdown: Pick<Shutdown, 'signal'>;
  /** The side that is told before there is an RTT of any. */
  readonly expected: Side;
  /** Undefined where there is but one place. */
  readonly seenAtOf: SeenAtOf | undefined;
  /** Undefined where it is not found out whose connections are. */
  readonly ownerOf?: OwnerOf | undefined;
}

/** Undefined where none are asked for. */
export function aggregateReporterOf(parts: AggregateParts): AggregateReporter | undefined {
  const { aggregation } = parts.options;
  return isAggregated(aggregation) ? new AggregateReporter(parts) : undefined;
}

export class AggregateReporter extends PeriodicReporter {
  readonly #parts: AggregateParts;
  /** Undefined where DNS alone is measured. */
  readonly #aggregates: Aggregates | undefined;
  /** Undefined where that is not measured. */
  readonly #dns: DnsAggregates | undefined;
  readonly #room: Room;

  constructor(parts: AggregateParts) {
    const { aggregation, measured } = parts.options;
    super(aggregation.interval ?? 0n);
    this.#parts = parts;
    this.#room = new Room(parts.sink, parts.shutdown);
    const wanted = [aggregation, parts.expected, parts] as const;
    if (measured.dns !== 'alone') {
      this.#aggregates = new Aggregates(...wanted, measured.areProtocolsTold);
    }
    if (measured.dns) this.#dns = new DnsAggregates(...wanted);
  }

  /** What comes while it is written belongs to the next one. */
  override async report(at: bigint): Promise<void> {
    const told = await this.#take(at);
    await this.#tell(at, this.end(at), told);
  }

  /** A short rest in which there was nothing is no silence. */
  override async reportLast(at: bigint): Promise<void> {
    const told = await this.#take(at);
    const isShort = this.isShort(at);
    const length = this.end(at);
    const isEmpty = [...told.sides, ...told.dns].every(({ parts }) => parts.length === 0);
    if (!isEmpty || !isShort) await this.#tell(at, length, told);
  }

  /** Where there are events, the consumers know them by now. */
  async #take(at: bigint): Promise<Told> {
    const { source, totals, pump, options } = this.#parts;
    const counted = await source.takeAggregates();
    const aggregates = counted.filter((each) => !isOfDns(each));
    const ofDns = counted.filter(isOfDns);
    const sides = this.#aggregates?.take(aggregates) ?? [];
    const dns = this.#dns?.take(ofDns) ?? [];
    if (options.aggregation.events) return { sides, dns };
    for (const { all } of sides) totals.acceptAggregated(all);
    for (const { all } of dns) totals.acceptAggregatedDns(all);
    pump.acceptAggregates(aggregates);
    pump.acceptDnsAggregates(ofDns);
    const end = this.dueAt(at);
    const begin = this.since ?? end;
    pump.ending.acceptInterval({ rtts: aggregates, queries: ofDns, begin, end });
    return { sides, dns };
  }

  async #tell(timestamp: bigint, length: bigint, told: Told): Promise<void> {
    const { pump, options } = this.#parts;
    if (options.quiet) return;
    pump.notice({ type: 'aggregates', timestamp, length, ...told });
    await this.#tellEach(objectsOf(timestamp, length, told));
    pump.flush();
  }

  /** There may be more than the output takes at once. */
  async #tellEach(objects: Iterable<Notice>): Promise<void> {
    const { pump } = this.#parts;
    let count = 0;
    for (const object of objects) {
      pump.notice(object);
      if (++count % PORTION > 0) continue;
      pump.flush();
      await this.#room.wait();
    }
  }
}

function* objectsOf(timestamp: bigint, length: bigint, { sides, dns }: Told): Generator<Notice> {
  for (const figures of sides.flatMap(({ parts }) => parts)) {
    yield { type: 'aggregate', timestamp, length, figures };
  }
  for (const figures of dns.flatMap(({ parts }) => parts)) {
    yield { type: 'dns_aggregate', timestamp, length, figures };
  }
}
