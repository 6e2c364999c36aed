/** What was measured in each interval of a run, as notices. Times in ns on the clock of the events. */
import type { SeenAtOf } from '../events/places.js';
import type { IntervalShape } from '../format/intervals.js';
import type { RunOptions } from '../options/options.js';
import { Intervals } from '../summary/intervals.js';
import type { Side } from '../summary/sides.js';
import type { Totals } from '../summary/totals.js';
import { isOnTerminal } from './output.js';
import type { Pump } from './pump.js';

const NS_PER_SECOND = 1_000_000_000n;

/** How they are shown; undefined where there are none. */
export function intervalShapeOf(options: RunOptions): IntervalShape | undefined {
  const { interval, by } = options;
  if (interval === undefined) return undefined;
  const isFine = interval % NS_PER_SECOND !== 0n;
  return { isTerminal: isOnTerminal(options), by, isFine };
}

/**
 * A consumer of the run's events; undefined where none is wanted.
 * @param expected the side that is told before there is an RTT of any
 * @param seenAtOf undefined where there is but one place
 */
export function intervalsOf(
  { interval, by }: RunOptions,
  totals: Totals,
  expected: Side,
  seenAtOf: SeenAtOf | undefined,
): Intervals | undefined {
  return interval === undefined ? undefined : new Intervals(totals, expected, by, seenAtOf);
}

/** @param intervals what intervalsOf() gave, one of the pump's consumers */
export function intervalReporterOf(
  { interval }: RunOptions,
  intervals: Intervals | undefined,
  pump: Pump,
): IntervalReporter | undefined {
  return intervals && interval !== undefined
    ? new IntervalReporter(intervals, pump, interval)
    : undefined;
}

export class IntervalReporter {
  readonly #intervals: Intervals;
  readonly #pump: Pump;
  readonly #length: bigint;
  #since: bigint | undefined;
  /** All are due at multiples from where the first one began. */
  #next = 0n;

  /**
   * @param intervals one of the pump's consumers
   * @param length of an interval, in ns
   */
  constructor(intervals: Intervals, pump: Pump, length: bigint) {
    this.#intervals = intervals;
    this.#pump = pump;
    this.#length = length;
  }

  /** The first one begins; later calls change nothing. */
  begin(at: bigint): void {
    if (this.#since !== undefined) return;
    this.#since = at;
    this.#next = at + this.#length;
  }

  /** How long it is until the next is due; 0 where it is. */
  untilNext(now: bigint): bigint {
    return this.#next > now ? this.#next - now : 0n;
  }

  /** An interval ends, and the next begins. */
  report(at: bigint): void {
    const length = this.#lengthUntil(at);
    for (const figures of this.#intervals.take()) {
      this.#pump.notice({ type: 'interval', timestamp: at, length, figures });
    }
    this.#pump.flush();
    this.#since = at;
    if (this.#next <= at) this.#next += (1n + (at - this.#next) / this.#length) * this.#length;
  }

  /** The run is over: a short rest in which there was nothing is no silence. */
  reportLast(at: bigint): void {
    const isShort = 2n * this.#lengthUntil(at) < this.#length;
    if (!this.#intervals.isEmpty || !isShort) this.report(at);
  }

  /** The clock has been set by so much. */
  move(by: bigint): void {
    if (this.#since !== undefined) this.#since += by;
    this.#next += by;
  }

  /** What was held back may be told with an earlier time. */
  #lengthUntil(at: bigint): bigint {
    const length = at - (this.#since ?? at);
    return length > 0n ? length : 0n;
  }
}
