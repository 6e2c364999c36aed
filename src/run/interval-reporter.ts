/** What was measured in each interval of a run, as notices. Times in ns on the clock of the events. */
import type { SeenAtOf } from '../events/places.js';
import type { IntervalShape } from '../format/intervals.js';
import type { RunOptions } from '../options/options.js';
import { DnsIntervals } from '../summary/dns-intervals.js';
import { Intervals } from '../summary/intervals.js';
import type { Side } from '../summary/sides.js';
import type { Totals } from '../summary/totals.js';
import { isOnTerminal } from './output.js';
import { PeriodicReporter } from './periodic-reporter.js';
import type { Pump } from './pump.js';
import { RunIntervals } from './run-intervals.js';

const NS_PER_SECOND = 1_000_000_000n;

/** How they are shown; undefined where there are none. */
export function intervalShapeOf(options: RunOptions): IntervalShape | undefined {
  const { interval, by, measured } = options;
  if (interval === undefined) return undefined;
  const isFine = interval % NS_PER_SECOND !== 0n;
  return {
    ...{ isTerminal: isOnTerminal(options), by, isFine },
    areProtocolsTold: measured.areProtocolsTold,
    isDnsTold: measured.dns !== undefined,
  };
}

/**
 * A consumer of the run's events; undefined where none is wanted.
 * @param expected the side that is told before there is anything of any
 * @param seenAtOf undefined where there is but one place
 */
export function intervalsOf(
  { interval, by, measured }: RunOptions,
  totals: Totals,
  expected: Side,
  seenAtOf: SeenAtOf | undefined,
): RunIntervals | undefined {
  if (interval === undefined) return undefined;
  const isAlone = measured.dns === 'alone';
  const rtts = isAlone
    ? undefined
    : new Intervals(totals, expected, by, seenAtOf, measured.areProtocolsTold);
  const alone = isAlone ? expected : undefined;
  const dns = measured.dns ? new DnsIntervals({ by, seenAtOf, expected: alone }) : undefined;
  return new RunIntervals(rtts, dns);
}

/** @param intervals what intervalsOf() gave, one of the pump's consumers */
export function intervalReporterOf(
  { interval }: RunOptions,
  intervals: RunIntervals | undefined,
  pump: Pump,
): IntervalReporter | undefined {
  return intervals && interval !== undefined
    ? new IntervalReporter(intervals, pump, interval)
    : undefined;
}

export class IntervalReporter extends PeriodicReporter {
  readonly #intervals: RunIntervals;
  readonly #pump: Pump;

  /**
   * @param intervals one of the pump's consumers
   * @param length of an interval, in ns
   */
  constructor(intervals: RunIntervals, pump: Pump, length: bigint) {
    super(length);
    this.#intervals = intervals;
    this.#pump = pump;
  }

  override report(at: bigint): void {
    const length = this.end(at);
    for (const notice of this.#intervals.take({ timestamp: at, length })) this.#pump.notice(notice);
    this.#pump.flush();
  }

  /** A short rest in which there was nothing is no silence. */
  override reportLast(at: bigint): void {
    if (!this.#intervals.isEmpty || !this.isShort(at)) this.report(at);
  }
}
