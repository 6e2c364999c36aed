/** What ends a run by itself: enough RTTs, or a condition that has come true. */
import { type Counters, measurableBytesIn } from '../core/counters.js';
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import type { Protocol } from '../events/names.js';
import type { DnsEvent, KernelEvent, OverdueEvent, RttEvent } from '../events/types.js';
import { recordBuckets } from '../summary/buckets.js';
import type { CountMetric } from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { type CountedQueries, countedQueries } from '../summary/counted-queries.js';
import { newCount } from '../summary/counted-window.js';
import { isDnsWatch } from '../summary/dns-watch.js';
import type { Histogram } from '../summary/histogram.js';
import type { Totals } from '../summary/totals.js';
import type { Consumer } from './consumer.js';

export interface EndingParts {
  /** Of the run; they are told of each event first. */
  readonly totals: Totals;
  /** Enough are so many RTTs and response times. */
  readonly count: number;
  /** False where these have no lines: then RTTs alone are counted. */
  readonly areResponsesCounted?: boolean | undefined;
  /** Or one of these has come true. */
  readonly conditions: readonly ConditionWatch[];
  /** Whether RTTs come counted, and only what is overdue as events. */
  readonly areCounted?: boolean;
  /** Whether conditions are of each protocol by itself. */
  readonly areProtocolsTold?: boolean;
  /** Called once. */
  readonly onEnough: () => void;
}

/** What the core has counted in an interval. */
export interface CountedInterval {
  readonly rtts: readonly Aggregate[];
  readonly queries: readonly DnsAggregate[];
  /** In ns on the clock of the events, as `end`. */
  readonly begin: bigint;
  readonly end: bigint;
}

export class Ending implements Consumer {
  readonly #parts: EndingParts;
  /** All conditions but those on DNS. */
  readonly #ofRtts: readonly ConditionWatch[];
  /** In the interval that is under way, of each protocol that is told; of all where none are. */
  #counts = new Map<Protocol | undefined, Histogram>();
  /** Of the first interval. */
  #beginning: bigint | undefined;
  #isOver = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
    this.#ofRtts = parts.conditions.filter((condition) => !isDnsWatch(condition));
  }

  /** Whether later events are left out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  accept(event: KernelEvent): void {
    const { totals, conditions, count } = this.#parts;
    const { areCounted = false, areResponsesCounted = true } = this.#parts;
    // There may be millions of events, and mostly there is no condition.
    if (conditions.length > 0 && event.type !== 'flow') {
      if (event.type === 'dns') this.#weighQuery(event);
      else if (areCounted) this.#keep(event);
      else this.#weigh(event);
    }
    if ((areResponsesCounted ? totals.told : totals.reported) >= count) this.#end();
  }

  /** It is over, and what was counted in it is judged. */
  acceptInterval({ rtts: aggregates, queries, begin, end }: CountedInterval): void {
    const { totals, conditions } = this.#parts;
    if (conditions.length === 0) return;
    for (const aggregate of aggregates) recordBuckets(this.#countOf(aggregate), aggregate);
    const counts = this.#takeCounts();
    // Times since the epoch are too long for numbers that are exact.
    this.#beginning ??= begin;
    const timeOf = (time: bigint) => Number(time - (this.#beginning ?? time));
    const times = { begin: timeOf(begin), end: timeOf(end) };
    for (const condition of this.#ofRtts) {
      for (const [protocol, rtts] of counts) condition.acceptInterval({ ...times, rtts }, protocol);
      condition.acceptCount('samples', totals.samples);
    }
    this.#weighQueries(countedQueries(queries, times));
    this.#endIfMet();
  }

  /** What others have counted may end the run, too. */
  acceptCount(metric: CountMetric, count: number): void {
    for (const condition of this.#parts.conditions) condition.acceptCount(metric, count);
    this.#endIfMet();
  }

  /** What TCP has carried until then, which alone shows what is sent again; in ns on the clock of the events. */
  acceptCarried(at: bigint, counters: Counters): void {
    const { conditions } = this.#parts;
    if (conditions.length === 0) return;
    const bytes = measurableBytesIn(counters).TCP;
    const carried = { time: Number(at), bytes, again: counters.retransmittedBytes };
    for (const condition of conditions) condition.acceptCarried(carried);
    this.#endIfMet();
  }

  /** It has no RTT. */
  #weighQuery(event: DnsEvent): void {
    const { conditions } = this.#parts;
    for (const condition of conditions) if (isDnsWatch(condition)) condition.acceptQuery(event);
    this.#endIfMet();
  }

  /** Of an interval. */
  #weighQueries(counted: CountedQueries): void {
    const { conditions } = this.#parts;
    for (const condition of conditions) if (isDnsWatch(condition)) condition.acceptCounted(counted);
  }

  /** What is overdue has an RTT of at least what it has waited for. */
  #weigh(event: RttEvent | OverdueEvent): void {
    const rtt = event.type === 'rtt' ? event.rtt : event.waited;
    const time = Number(event.timestamp);
    const { samples } = this.#parts.totals;
    for (const condition of this.#ofRtts) {
      condition.acceptRtt(rtt, time, event.protocol);
      condition.acceptCount('samples', samples);
    }
    this.#endIfMet();
  }

  /** Until the interval is over. */
  #keep(event: RttEvent | OverdueEvent): void {
    if (event.type === 'overdue') this.#countOf(event).record(event.waited);
  }

  #countOf({ protocol }: Pick<KernelEvent, 'protocol'>): Histogram {
    const told = this.#parts.areProtocolsTold ? protocol : undefined;
    const count = this.#counts.get(told) ?? newCount();
    this.#counts.set(told, count);
    return count;
  }

  /** An interval with nothing in it is one, too. */
  #takeCounts(): ReadonlyMap<Protocol | undefined, Histogram> {
    if (!this.#parts.areProtocolsTold) this.#countOf({ protocol: 'TCP' });
    const counts = this.#counts;
    this.#counts = new Map(Array.from(counts.keys(), (protocol) => [protocol, newCount()]));
    return counts;
  }

  #endIfMet(): void {
    if (this.#parts.conditions.some((condition) => condition.isMet)) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.onEnough();
  }
}
