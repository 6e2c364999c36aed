/** What is known of the RTTs of a host. */
import { timeOf } from '../events/time.js';
import type { RttEvent } from '../events/types.js';
import { Histogram } from './histogram.js';
import { LEAST_WINDOW, WindowedLeast } from './windowed-least.js';

/** There may be thousands of these: two kilobytes per octave of RTTs, and exact to 0.2 %. */
const PART_BITS = 8;
/** Half a kilobyte, and to 0.8 %: waiting times have many octaves. */
const WAIT_PART_BITS = 6;
/** And below this they are none. */
const WAIT_UNIT_NS = 1_000;

/** Of the half windows that are over. */
interface Settled {
  readonly rtts: Histogram;
  /** How far each RTT was above the least of its window. */
  readonly waits: Histogram;
}

export class RttStats {
  readonly #window: number;
  /** Of the half window that is not over. */
  #histogram = new Histogram(PART_BITS);
  #settled: Settled | undefined;
  #path: WindowedLeast;
  #samples = 0;
  #least = Number.POSITIVE_INFINITY;

  /** @param window how far back the least looks for which queueing is beyond it; in ns, 0: to the start */
  constructor(window = LEAST_WINDOW) {
    this.#window = window;
    this.#path = new WindowedLeast(window);
  }

  /**
   * @param rtt the event's: reading it again would cost as much as counting it
   * @param now its time, likewise
   * @returns the least of the RTTs that it stands for
   */
  record(event: RttEvent, rtt: number = event.rtt, now: number = timeOf(event)): number {
    const { samples } = event;
    if (this.#path.isOver(now)) this.#settle(now);
    this.#histogram.record(rtt);
    this.#samples += samples;
    const least = samples > 1 ? Math.min(rtt, event.intervalMinRtt) : rtt;
    this.#path.lower(least);
    if (least < this.#least) this.#least = least;
    return least;
  }

  /** Begins anew; what was known takes no memory any more. */
  release(): void {
    this.#histogram = new Histogram(PART_BITS);
    this.#settled = undefined;
    this.#path = new WindowedLeast(this.#window);
    this.#samples = 0;
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** Those held back by --report-interval included. */
  get samples(): number {
    return this.#samples;
  }

  /** Of all. */
  get least(): number {
    return this.#least;
  }

  get median(): number {
    return this.#all().percentile(50);
  }

  get p99(): number {
    return this.#all().percentile(99);
  }

  /** How far the usual RTT is above the least of its time: spent in queues, and not on the way. */
  get queueing(): number {
    if (!this.#settled) return Math.max(0, this.median - this.#path.value);
    const waits = new Histogram(WAIT_PART_BITS);
    waits.add(this.#settled.waits);
    waits.addAbove(this.#histogram, this.#path.value, WAIT_UNIT_NS);
    return waits.percentile(50) * WAIT_UNIT_NS;
  }

  /** A half window is over: it has the least that there will be. */
  #settle(now: number): void {
    if (this.#histogram.total > 0) this.#keep();
    this.#path.turn(now);
  }

  #keep(): void {
    this.#settled ??= { rtts: new Histogram(PART_BITS), waits: new Histogram(WAIT_PART_BITS) };
    this.#settled.rtts.add(this.#histogram);
    this.#settled.waits.addAbove(this.#histogram, this.#path.value, WAIT_UNIT_NS);
    this.#histogram = new Histogram(PART_BITS);
  }

  #all(): Histogram {
    if (!this.#settled) return this.#histogram;
    const all = new Histogram(PART_BITS);
    all.add(this.#settled.rtts);
    all.add(this.#histogram);
    return all;
  }
}
