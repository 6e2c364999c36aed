/** What is known of the RTTs of a host, or of a flow. */
import type { RttEvent } from '../events/types.js';
import { Histogram } from './histogram.js';

/** There may be thousands of these: half a kilobyte per octave of RTTs, and exact to 1 %. */
const PART_BITS = 6;

interface Percentiles {
  /** How many RTTs they are of. */
  readonly of: number;
  readonly median: number;
  readonly p99: number;
}

export class RttStats {
  readonly #histogram = new Histogram(PART_BITS);
  #known: Percentiles | undefined;
  #samples = 0;
  #least = Number.POSITIVE_INFINITY;

  record({ rtt, samples, intervalMinRtt }: RttEvent): void {
    this.#histogram.record(rtt);
    this.#samples += samples;
    const least = rtt < intervalMinRtt ? rtt : intervalMinRtt;
    if (least < this.#least) this.#least = least;
  }

  /** Those held back by --report-interval included. */
  get samples(): number {
    return this.#samples;
  }

  get least(): number {
    return this.#least;
  }

  get median(): number {
    return this.#percentiles().median;
  }

  get p99(): number {
    return this.#percentiles().p99;
  }

  /** How far the usual RTT is above the least: time spent in queues, and not on the way. */
  get queueing(): number {
    return Math.max(0, this.median - this.#least);
  }

  /** Found out again only after another RTT: most hosts are quiet most of the time. */
  #percentiles(): Percentiles {
    const of = this.#histogram.total;
    if (this.#known?.of !== of) {
      const at = (percent: number) => this.#histogram.percentile(percent);
      this.#known = { of, median: at(50), p99: at(99) };
    }
    return this.#known;
  }
}
