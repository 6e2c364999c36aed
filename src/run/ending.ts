/** What ends a run by itself: enough RTTs, or a condition that has come true. */
import { type Counters, measurableIn } from '../core/counters.js';
import type { KernelEvent, OverdueEvent, RttEvent } from '../events/types.js';
import type { CountMetric } from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import type { Totals } from '../summary/totals.js';
import type { Consumer } from './consumer.js';

export interface EndingParts {
  /** Of the run; they are told of each event first. */
  readonly totals: Totals;
  /** Enough are so many RTTs. */
  readonly count: number;
  /** Or one of these has come true. */
  readonly conditions: readonly ConditionWatch[];
  /** Called once. */
  readonly onEnough: () => void;
}

export class Ending implements Consumer {
  readonly #parts: EndingParts;
  #isOver = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** Whether later events are left out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  accept(event: KernelEvent): void {
    const { totals, conditions, count } = this.#parts;
    // There may be millions of events, and mostly there is no condition.
    if (conditions.length > 0 && event.type !== 'flow') this.#weigh(event);
    if (totals.reported >= count) this.#end();
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

  #endIfMet(): void {
    if (this.#parts.conditions.some((condition) => condition.isMet)) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.onEnough();
  }
}
