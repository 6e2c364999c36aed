/** What is known of the RTTs of a host. */
import type { RttEvent } from '../events/types.js';
import { ByAnswer } from './by-answer.js';
import type { Pair } from './path-kind.js';

/** There may be thousands of these: two kilobytes per octave of RTTs, and exact to 0.2 %. */
const PART_BITS = 8;

export class RttStats {
  #rtts = new ByAnswer(PART_BITS);
  #samples = 0;
  #least = Number.POSITIVE_INFINITY;

  /**
   * @param rtt the event's: reading it again would cost as much as counting it
   * @param pair where these are of several hosts, that of its host
   */
  record(event: RttEvent, rtt: number = event.rtt, pair?: Pair): Pair {
    const { samples } = event;
    const found = this.#rtts.record(rtt, event.answer, pair);
    this.#samples += samples;
    const least = samples > 1 ? Math.min(rtt, event.intervalMinRtt) : rtt;
    if (least < this.#least) this.#least = least;
    return found;
  }

  /** Begins anew; what was known takes no memory any more. */
  release(): void {
    this.#rtts = new ByAnswer(PART_BITS);
    this.#samples = 0;
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** Those held back by --report-interval included. */
  get samples(): number {
    return this.#samples;
  }

  get least(): number {
    return this.#least;
  }

  /** Of the RTTs that tell the path best, as is the next. */
  get median(): number {
    return this.#rtts.path.histogram.percentile(50);
  }

  get p99(): number {
    return this.#rtts.path.histogram.percentile(99);
  }

  /** How far the usual RTT is above the least: time spent in queues, and not on the way. */
  get queueing(): number {
    return Math.max(0, this.median - this.#least);
  }
}
