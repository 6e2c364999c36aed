/** What the core has counted of RTTs in each interval of a run, as notices. Times in ns on the clock of the events. */
import type { Aggregate } from '../events/aggregate.js';
import type { SeenAtOf } from '../events/places.js';
import type { AggregateShape } from '../format/aggregates.js';
import type { RunOptions } from '../options/options.js';
import { isAggregated } from '../sampling/aggregation.js';
import { areProtocolsTold } from '../sampling/protocols.js';
import type { Sink } from '../sink/sink.js';
import { Aggregates, type OwnerOf, type SideAggregates } from '../summary/aggregates.js';
import type { Side } from '../summary/sides.js';
import type { Totals } from '../summary/totals.js';
import { isOnTerminal } from './output.js';
import { PeriodicReporter } from './periodic-reporter.js';
import type { Pump } from './pump.js';
import type { Shutdown } from './shutdown.js';

/** Lines that are made before there has to be room for more. */
const PORTION = 1_000;
const NS_PER_SECOND = 1_000_000_000n;

/** How they are shown; undefined where there are none. */
export function aggregateShapeOf(options: RunOptions): AggregateShape | undefined {
  const { aggregation, filter } = options;
  if (aggregation.interval === undefined) return undefined;
  const isFine = aggregation.interval % NS_PER_SECOND !== 0n;
  const rows = () => (isOnTerminal(options) ? process.stdout.rows : undefined);
  const { by, events } = aggregation;
  return { by, events, isFine, rows, areProtocolsTold: areProtocolsTold(filter.protocols) };
}

export interface AggregateParts {
  readonly options: Pick<RunOptions, 'aggregation' | 'filter' | 'quiet'>;
  /** What has been counted since the last time. */
  readonly source: { takeAggregates(): Promise<Aggregate[]> | Aggregate[] };
  readonly totals: Pick<Totals, 'acceptAggregated'>;
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
  readonly #aggregates: Aggregates;

  constructor(parts: AggregateParts) {
    const { aggregation, filter } = parts.options;
    super(aggregation.interval ?? 0n);
    this.#parts = parts;
    this.#aggregates = new Aggregates(
      ...([aggregation, parts.expected, parts, areProtocolsTold(filter.protocols)] as const),
    );
  }

  /** What comes while it is written belongs to the next one. */
  override async report(at: bigint): Promise<void> {
    const sides = await this.#take(at);
    await this.#tell(at, this.end(at), sides);
  }

  /** A short rest in which there was nothing is no silence. */
  override async reportLast(at: bigint): Promise<void> {
    const sides = await this.#take(at);
    const isShort = this.isShort(at);
    const length = this.end(at);
    const isEmpty = sides.every(({ parts }) => parts.length === 0);
    if (!isEmpty || !isShort) await this.#tell(at, length, sides);
  }

  /** Where there are events, the consumers know them by now. */
  async #take(at: bigint): Promise<SideAggregates[]> {
    const { source, totals, pump, options } = this.#parts;
    const aggregates = await source.takeAggregates();
    const sides = this.#aggregates.take(aggregates);
    if (options.aggregation.events) return sides;
    for (const { all } of sides) totals.acceptAggregated(all);
    pump.acceptAggregates(aggregates);
    const end = this.dueAt(at);
    pump.ending.acceptInterval(aggregates, this.since ?? end, end);
    return sides;
  }

  async #tell(timestamp: bigint, length: bigint, sides: readonly SideAggregates[]): Promise<void> {
    const { pump, options } = this.#parts;
    if (options.quiet) return;
    pump.notice({ type: 'aggregates', timestamp, length, sides });
    await this.#tellEach(timestamp, length, sides);
    pump.flush();
  }

  /** There may be more than the output takes at once. */
  async #tellEach(timestamp: bigint, length: bigint, sides: readonly SideAggregates[]) {
    const { pump, sink, shutdown } = this.#parts;
    let count = 0;
    for (const figures of sides.flatMap(({ parts }) => parts)) {
      pump.notice({ type: 'aggregate', timestamp, length, figures });
      if (++count % PORTION > 0) continue;
      pump.flush();
      await sink.room(shutdown.signal);
    }
  }
}
