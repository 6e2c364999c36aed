/** A run of the live monitor: what happens again and again until it is over. */
import { setTimeout as delay } from 'node:timers/promises';
import { packetsIn } from '../core/counters.js';
import { type Fault, faultOf } from '../faults.js';
import type { Clock } from '../format/clock.js';
import { labelOf } from '../format/interfaces.js';
import type { EpochOffset } from '../libbpf/clock.js';
import type { LiveSource } from '../live/source.js';
import type { RunFigures } from '../metrics/figures.js';
import type { LiveOptions } from '../options/options.js';
import type { FoundNames } from '../resolver/found-names.js';
import type { Sink } from '../sink/sink.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import type { Counted, RunTotals } from '../summary/run-totals.js';
import type { Totals } from '../summary/totals.js';
import type { LiveAttribution } from './attribution.js';
import { Drainer } from './drainer.js';
import { InterfaceWatch } from './interface-watch.js';
import { LiveFigures } from './live-figures.js';
import { LossReporter } from './loss-reporter.js';
import { FirstWindows } from './outcome.js';
import type { PeriodicReporter } from './periodic-reporter.js';
import type { Pump } from './pump.js';
import { Reporter } from './reporter.js';
import { LONGEST_TIMER_MS, type Shutdown } from './shutdown.js';
import { SilenceReporter } from './silence-reporter.js';
import { Sweeper } from './sweeper.js';

const CHECK_INTERVAL_MS = 1000;
/** Changes that come at once are followed together. */
const FOLLOW_PAUSE_MS = 100;
/** While the end of the run waits for it. */
const FLUSH_INTERVAL_MS = 5;

/** What a run is made of. */
export interface Parts {
  readonly options: LiveOptions;
  readonly source: LiveSource;
  readonly pump: Pump;
  readonly totals: Totals;
  readonly sink: Sink;
  readonly attribution: LiveAttribution | undefined;
  readonly clock: Clock;
  readonly epochOffset: EpochOffset;
  readonly shutdown: Shutdown;
  /** Of --until. */
  readonly conditions: readonly ConditionWatch[];
  /** Undefined where none are reported. */
  readonly intervals: PeriodicReporter | undefined;
  /** Undefined where hosts are shown by their addresses. */
  readonly names: FoundNames | undefined;
  /** For people; never among the data. */
  readonly notify: (text: string) => void;
}

export class LiveRun {
  readonly #parts: Parts;
  readonly #drainer: Drainer;
  readonly #sweeper: Sweeper;
  readonly #reporter: Reporter;
  readonly #silence: SilenceReporter;
  readonly #losses: LossReporter;
  readonly #figures: LiveFigures;
  readonly #interfaces: InterfaceWatch;
  readonly #firstWindows: FirstWindows;
  /** How many had been seen at the last sweep. */
  #packets = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#drainer = new Drainer(parts);
    this.#sweeper = new Sweeper({
      ...parts,
      makeRoom: () => {}, // the ring buffer is drained beside the sweep
      onStep: (step, at) => this.#reporter.reportStep(step, at),
    });
    const { capacity } = parts.options;
    const more = () => this.#more();
    this.#reporter = new Reporter({
      ...parts,
      sweeper: this.#sweeper,
      interface: labelOf(parts.source),
      capacity,
      more,
    });
    this.#interfaces = new InterfaceWatch({ ...parts, now });
    this.#firstWindows = new FirstWindows(parts.conditions);
    this.#silence = new SilenceReporter({ ...parts, sweeper: this.#sweeper });
    this.#losses = new LossReporter({ ...parts, now });
    this.#figures = new LiveFigures({ ...parts, sweeper: this.#sweeper });
  }

  /**
   * Drains, sweeps and checks side by side; all have stopped when this resolves.
   * @returns why the end of it was not seen, where a run that ends as wished was no longer attached
   */
  async untilOver(): Promise<Fault | undefined> {
    const { options, shutdown, source, intervals } = this.#parts;
    const { statsInterval } = options;
    intervals?.begin(now());
    shutdown.signal.addEventListener('abort', () => source.interrupt(), { once: true });
    if (shutdown.isOver) return undefined;
    await Promise.all([
      this.#repeat(() => this.#drainer.drainNext()),
      this.#repeat(() => this.#sweepNext()),
      this.#repeat(() => this.#checkNext()),
      source.areSeveral ? this.#repeat(() => this.#followNext()) : undefined,
      statsInterval === undefined ? undefined : this.#repeat(() => this.#reportNext(statsInterval)),
      intervals && this.#repeat(() => this.#reportInterval(intervals)),
    ]);
    await this.#sweeper.settled();
    return shutdown.fault ? undefined : this.#lookOnceMore();
  }

  /** Takes what is left, in order: stop seeing, read, write, close. */
  async finish(): Promise<RunTotals> {
    const { source, sink, intervals, attribution, notify } = this.#parts;
    let totals: RunTotals;
    let silence: string | undefined;
    const absence = this.#silence.absence();
    // Also of a run that was over before it began.
    await attribution?.endSearch();
    try {
      await this.#drainBeside(this.#interfaces.leave());
      // What was held back may be more than the ring buffer holds.
      await this.#drainBeside(this.#sweeper.sweep({ flush: true }));
      this.#parts.pump.settle();
      this.#losses.report(source.counters());
      await intervals?.reportLast(now());
      await this.#reporter.findNames();
      totals = this.#reporter.reportSummary(now());
      silence = this.#silence.lookBack(absence);
    } finally {
      source.close();
      await sink.close();
    }
    if (silence !== undefined) notify(silence);
    return { ...totals, droppedLines: sink.dropped };
  }

  /** Events are read as they come while something is done that takes its time. */
  async #drainBeside(work: Promise<unknown>): Promise<void> {
    const { source } = this.#parts;
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    while (!isOver) {
      await this.#drainer.drainAll();
      await source.wait(FLUSH_INTERVAL_MS);
    }
    await work;
    await this.#drainer.drainAll();
  }

  /** Says what is in force, how full the maps are, and what was measured until now. */
  async reportState(): Promise<void> {
    if (this.#parts.shutdown.isOver) return;
    await this.#sweeper.sweep();
    this.#reporter.reportState();
  }

  /** For the live view. */
  state() {
    return this.#figures.state();
  }

  /** For metrics. */
  figures(): RunFigures {
    return this.#figures.figures();
  }

  /** Whether what is measured is read, and will be. */
  get isDraining(): boolean {
    return !this.isOver && this.#drainer.isDraining;
  }

  get isOver(): boolean {
    return this.#parts.shutdown.isOver;
  }

  /** More is known of this flow than before. */
  refresh(flowId: number): void {
    this.#parts.pump.refresh(flowId);
  }

  /** What only this source has counted. */
  #more(): Partial<Counted> {
    const { source, attribution } = this.#parts;
    return {
      undecodable: source.undecodable,
      selfCost: source.selfCost(),
      sightings: source.sightings,
      interfaces: source.tallies(),
      attributionGaps: attribution?.gaps,
    };
  }

  /** A failure of one ends all. */
  async #repeat(step: () => Promise<void>): Promise<void> {
    const { shutdown } = this.#parts;
    while (!shutdown.isOver) {
      try {
        await step();
      } catch (error) {
        if (shutdown.isOver) return;
        shutdown.fail(faultOf(error));
      }
    }
  }

  async #sweepNext(): Promise<void> {
    await this.#pause(this.#parts.options.cleanupInterval);
    // Where nothing has come since, and nothing is left, there is nothing to be swept.
    const packets = packetsIn(this.#parts.source.counters());
    if (packets === this.#packets && this.#sweeper.isAtRest) return;
    this.#packets = packets;
    await this.#sweeper.sweepAndGovern(now());
  }

  async #checkNext(): Promise<void> {
    const { source, sink, pump } = this.#parts;
    await this.#pause(BigInt(CHECK_INTERVAL_MS) * NS_PER_MS);
    sink.look?.();
    source.followQdiscs();
    pump.retryNames();
    this.#followOwners();
    const counters = source.counters();
    this.#losses.report(counters);
    this.#reporter.reportRoutes();
    this.#silence.explain(counters);
    for (const text of this.#firstWindows.look()) this.#parts.notify(text);
    this.#interfaces.check();
    this.#interfaces.lookOut(counters);
    pump.flush();
  }

  /** Interfaces that come and go. */
  async #followNext(): Promise<void> {
    await this.#interfaces.follow();
    await this.#pause(BigInt(FOLLOW_PAUSE_MS) * NS_PER_MS);
  }

  async #reportNext(interval: bigint): Promise<void> {
    await this.#pause(interval);
    this.#reporter.reportStats(now());
    this.#parts.pump.flush();
  }

  async #reportInterval(intervals: PeriodicReporter): Promise<void> {
    await this.#pause(intervals.untilNext(now()));
    // A timer may be early.
    if (intervals.untilNext(now()) > 0n) return;
    this.#drainer.drainNow();
    await intervals.report(now());
  }

  /** Rejects when the run is over. */
  #pause(nanoseconds: bigint): Promise<void> {
    const milliseconds = Math.min(Number(nanoseconds) / Number(NS_PER_MS), LONGEST_TIMER_MS);
    return delay(milliseconds, undefined, { signal: this.#parts.shutdown.signal });
  }

  #lookOnceMore(): Fault | undefined {
    try {
      this.#interfaces.check();
      return undefined;
    } catch (error) {
      return faultOf(error);
    }
  }

  #followOwners(): void {
    const { source, attribution } = this.#parts;
    const filter = attribution?.follow();
    if (filter) source.setOwners(filter);
  }
}

const NS_PER_MS = 1_000_000n;

/** On the clock of the kernel's events. */
function now(): bigint {
  return process.hrtime.bigint();
}
