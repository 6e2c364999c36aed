/** What ends a run by itself: enough RTTs, or a condition that has come true. */
import { type Counters, measurableIn } from '../core/counters.js';
import type { Aggregate } from '../events/aggregate.js';
import type { KernelEvent, OverdueEvent, RttEvent } from '../events/types.js';
import { recordBuckets } from '../summary/buckets.js';
import type { CountMetric } from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { newCount } from '../summary/counted-window.js';
import type { Totals } from '../summary/totals.js';
import type { Consumer } from './consumer.js';

export interface EndingParts {
  /** Of the run; they are told of each event first. */
  readonly totals: Totals;
  /** Enough are so many RTTs and response times. */
  readonly count: number;
  /** Or one of these has come true. */
  readonly conditions: readonly ConditionWatch[];
  /** Whether RTTs come counted, and only what is overdue as events. */
  readonly areCounted?: boolean;
  /** Called once. */
  readonly onEnough: () => void;
}

export class Ending implements Consumer {
  readonly #parts: EndingParts;
  /** In the interval that is under way. */
  #overdue = newCount();
  /** Of the first interval. */
  #beginning: bigint | undefined;
  #isOver = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** Whether later events are left out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  accept(event: KernelEvent): void {
    const { totals, conditions, count, areCounted = false } = this.#parts;
    // There may be millions of events, and mostly there is no condition.
    if (conditions.length > 0 && event.type !== 'flow' && event.type !== 'dns') {
      if (areCounted) this.#keep(event);
      else this.#weigh(event);
    }
    if (totals.told >= count) this.#end();
  }

  /** What the core has counted in an interval, from `begin` to `end` in ns on the clock of the events. */
  acceptInterval(aggregates: readonly Aggregate[], begin: bigint, end: bigint): void {
    const { totals, conditions } = this.#parts;
    if (conditions.length === 0) return;
    const rtts = this.#overdue;
    this.#overdue = newCount();
    for (const aggregate of aggregates) recordBuckets(rtts, aggregate);
    // Times since the epoch are too long for numbers that are exact.
    this.#beginning ??= begin;
    const timeOf = (time: bigint) => Number(time - (this.#beginning ?? time));
    const interval = { begin: timeOf(begin), end: timeOf(end), rtts };
    for (const condition of conditions) {
      condition.acceptInterval(interval);
      condition.acceptCount('samples', totals.samples);
    }
    this.#endIfMet();
  }

  /** What others have counted may end the run, too. */
  acceptCount(metric: CountMetric, count: number): void {
    for (const condition of this.#parts.conditions) condition.acceptCount(metric, count);
    this.#endIfMet();
  }

  /** What has been carried until then, in ns on the clock of the events. */
  acceptCarried(at: bigint, counters: Counters): void {
    const { conditions } = this.#parts;
    if (conditions.length === 0) return;
    const { bytes } = measurableIn(counters);
    const carried = { time: Number(at), bytes, again: counters.retransmittedBytes };
    for (const condition of conditions) condition.acceptCarried(carried);
    this.#endIfMet();
  }

  /** What is overdue has an RTT of at least what it has waited for. */
  #weigh(event: RttEvent | OverdueEvent): void {
    const rtt = event.type === 'rtt' ? event.rtt : event.waited;
    const time = Number(event.timestamp);
    const { samples } = this.#parts.totals;
    for (const condition of this.#parts.conditions) {
      condition.acceptRtt(rtt, time);
      condition.acceptCount('samples', samples);
    }
    this.#endIfMet();
  }

  /** Until the interval is over. */
  #keep(event: RttEvent | OverdueEvent): void {
    if (event.type === 'overdue') this.#overdue.record(event.waited);
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
