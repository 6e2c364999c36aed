/** RTTs as Prometheus wants them: counted from the start of the run, in classic histograms. */
import type { Aggregate, CountedTimes } from '../events/aggregate.js';
import { type Protocol, perProtocol } from '../events/names.js';
import {
  ANSWERS,
  type Answer,
  type KernelEvent,
  type OverdueEvent,
  type RttEvent,
} from '../events/types.js';
import { longestIn } from '../summary/buckets.js';
import { SIDES, type Side, sideOf } from '../summary/sides.js';
import { EDGES } from './edges.js';
import { BoundedSeries, type Labels, type Placed, type SeriesParts } from './series.js';

/** Of one label set. */
export class RttHistogram {
  /** How many were at most each edge, and beyond the one before it; the last one has no edge. */
  readonly counts = new Float64Array(EDGES.length + 1);
  /** ns */
  sum = 0;
  /** Those held back by --report-interval included. */
  samples = 0;

  /** @param rtt in ns; it is one RTT, for however many samples it stands: the others were of other lengths */
  record(rtt: number, samples: number): void {
    this.#count(rtt, 1);
    this.sum += rtt;
    this.samples += samples;
  }

  /**
   * What the core has counted in finer buckets. An edge may cut through one: then it counts by the longest RTT
   * that may be in it, so that none counts as shorter than it was.
   */
  recordCounted({ buckets, most, sum, samples }: CountedTimes & Pick<Aggregate, 'samples'>): void {
    for (const [from, count] of buckets) this.#count(longestIn(from, most), count);
    this.sum += Number(sum);
    this.samples += samples;
  }

  /** What it is now. */
  copy(): RttHistogram {
    const copy = new RttHistogram();
    copy.counts.set(this.counts);
    copy.sum = this.sum;
    copy.samples = this.samples;
    return copy;
  }

  #count(rtt: number, times: number): void {
    let at = 0;
    while (at < EDGES.length && rtt > (EDGES[at] as number)) at++;
    this.counts[at] = (this.counts[at] as number) + times;
  }
}

export class Count {
  count = 0;
}

export interface RttTerms<Source> extends Omit<SeriesParts<Source, unknown>, 'make'> {
  /** Whether there is a label for it: there may be others than TCP. */
  readonly areProtocolsTold?: boolean | undefined;
}

/** Of what the core has counted itself. */
export interface Counted extends Placed {
  readonly aggregate: Aggregate;
}

/** What has been counted, by labels. */
class RttMetrics<Source extends Placed> {
  readonly rtts: BoundedSeries<Source, RttHistogram>;
  readonly overdue: BoundedSeries<Source, Count>;

  readonly #areProtocolsTold: boolean;

  constructor({ areProtocolsTold = false, ...terms }: RttTerms<Source>) {
    this.#areProtocolsTold = areProtocolsTold;
    this.rtts = new BoundedSeries({ ...terms, make: () => new RttHistogram() });
    this.overdue = new BoundedSeries({ ...terms, make: () => new Count() });
  }

  /** Always the same labels for the same ones. */
  protected kindsOf(protocol: Protocol): Kinds {
    return this.#areProtocolsTold ? KINDS_BY_PROTOCOL[protocol] : KINDS;
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.rtts.refreshAll();
    this.overdue.refreshAll();
  }
}

/** Of what is told event by event: a consumer of a run's events. */
export class EventRtts extends RttMetrics<KernelEvent> {
  accept(event: KernelEvent): void {
    if (event.type === 'rtt') this.#acceptRtt(event);
    else if (event.type === 'overdue') this.#acceptOverdue(event);
  }

  #acceptRtt(event: RttEvent): void {
    const kind = this.kindsOf(event.protocol)[sideOf(event)][event.answer];
    this.rtts.of(event, kind).record(event.rtt, event.samples);
  }

  #acceptOverdue(event: OverdueEvent): void {
    this.overdue.of(event, this.kindsOf(event.protocol)[sideOf(event)].any).count++;
  }
}

/** Of what the core has counted, which does not know what has answered. */
export class CountedRtts extends RttMetrics<Counted> {
  acceptAggregate(aggregate: Aggregate): void {
    const { side, protocol, isOthers, reported, overdue } = aggregate;
    const place = isOthers ? undefined : aggregate.place;
    const counted = { place, aggregate };
    const kind = this.kindsOf(protocol)[side].any;
    if (reported > 0) this.rtts.of(counted, kind).recordCounted(aggregate);
    if (overdue > 0) this.overdue.of(counted, kind).count += overdue;
  }
}

/** By side and by what has answered; `any` of what nothing has. */
type Kinds = Record<Side, Record<Answer | 'any', Labels>>;

/** @param protocol undefined where it is not told */
function kindsOf(protocol?: Protocol): Kinds {
  const of = (labels: Labels): Labels =>
    protocol === undefined ? labels : { ...labels, protocol };
  return table(SIDES, (side) => ({
    ...table(ANSWERS, (answer) => of({ side, answer })),
    any: of({ side }),
  }));
}

const KINDS = kindsOf();
const KINDS_BY_PROTOCOL = perProtocol(kindsOf);

function table<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
