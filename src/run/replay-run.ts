/** A run over a capture: batch by batch, with what the clock of its packets makes due. */

import { setImmediate as turn } from 'node:timers/promises';
import { packetsIn } from '../core/counters.js';
import { REPLAY_STOP } from '../core/layouts.js';
import { Fault } from '../faults.js';
import type { Clock } from '../format/clock.js';
import type { ReplayOptions } from '../options/options.js';
import { NEVER } from '../replay/core.js';
import type { CaptureFeed } from '../replay/feed.js';
import type { ReplaySource } from '../replay/source.js';
import type { FoundNames } from '../resolver/found-names.js';
import type { Sink } from '../sink/sink.js';
import type { RunTotals } from '../summary/run-totals.js';
import type { Totals } from '../summary/totals.js';
import { milliseconds } from '../text/units.js';
import type { PeriodicReporter } from './periodic-reporter.js';
import type { ProgressLine } from './progress-line.js';
import type { Pump } from './pump.js';
import { isAnyLeftOut, replayRemarks } from './replay-remarks.js';
import { Reporter } from './reporter.js';
import { Room } from './room.js';
import { Schedule } from './schedule.js';
import type { Shutdown } from './shutdown.js';
import { Sweeper } from './sweeper.js';

/** So often signals and writes have their turn. */
const TURN_MS = 10;

/** What a run is made of. */
export interface ReplayParts {
  readonly options: ReplayOptions;
  readonly source: ReplaySource;
  readonly capture: CaptureFeed;
  readonly pump: Pump;
  readonly totals: Totals;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly shutdown: Shutdown;
  readonly progress: ProgressLine;
  /** Undefined where none are reported. */
  readonly intervals: PeriodicReporter | undefined;
  /** Undefined where hosts are shown by their addresses. */
  readonly names: FoundNames | undefined;
  /** For people; never among the data. */
  readonly notify: (text: string) => void;
}

export class ReplayRun {
  readonly #parts: ReplayParts;
  readonly #sweeper: Sweeper;
  readonly #reporter: Reporter;
  readonly #schedule: Schedule;
  readonly #room: Room;
  readonly #enoughRtts: bigint;
  /** Whether the capture was read to its end. */
  #isWhole = false;
  #hasGoneBack = false;
  #turned = performance.now();

  constructor(parts: ReplayParts) {
    const { options } = parts;
    this.#parts = parts;
    this.#room = new Room(parts.sink, parts.shutdown);
    this.#sweeper = new Sweeper({
      ...parts,
      makeRoom: () => this.#drain(),
      onStep: (step, at) => this.#reporter.reportStep(step, at),
    });
    this.#reporter = new Reporter({
      ...parts,
      sweeper: this.#sweeper,
      interface: undefined,
      capacity: options.capacity,
    });
    const { interval = options.aggregation.interval } = options;
    this.#schedule = new Schedule({ ...options, interval });
    this.#enoughRtts = options.count === undefined ? NEVER : BigInt(options.count);
  }

  /** Resolves at the end of the capture, or of the run. */
  async untilOver(): Promise<void> {
    const { capture, shutdown, progress } = this.#parts;
    while (!shutdown.isOver && (await capture.next())) {
      await this.#processBatch();
      await this.#giveTurn();
    }
    progress.end();
    this.#isWhole = !shutdown.isOver && capture.damage === undefined;
  }

  /** What there is to say where none of the capture's packets can be read. */
  get refusal(): string | undefined {
    const { capture, source } = this.#parts;
    const { core } = source;
    return packetsIn(core.counters()) === 0 ? capture.refusal : undefined;
  }

  /** Where there was something, but nothing that has a time or can be read. */
  refuseSilence(): void {
    const { capture, shutdown, source } = this.#parts;
    if (packetsIn(source.core.counters()) > 0 || !isAnyLeftOut(this.#parts)) return;
    shutdown.fail(new Fault(`nothing in ${capture.name} is readable`));
  }

  /** Reports what is held back, and closes the output. */
  async finish(): Promise<RunTotals> {
    const { source, sink, pump, intervals } = this.#parts;
    const { latest } = source.core.progress;
    let totals: RunTotals;
    try {
      pump.ending.acceptCarried(latest, source.counters());
      await this.#sweeper.sweep({ now: latest, flush: true });
      await intervals?.reportLast(latest);
      await this.#reporter.findNames();
      totals = this.#reporter.reportSummary(latest);
    } finally {
      await sink.close();
    }
    return { ...totals, droppedLines: sink.dropped };
  }

  /** What of the capture could not be measured, and why; in lines. */
  remarks(): string[] {
    return replayRemarks({
      ...this.#parts,
      swept: this.#sweeper.swept,
      isWhole: this.#isWhole,
    });
  }

  /** For people; never among the data. */
  say(text: string): void {
    this.#parts.notify(text);
  }

  /** Says what is in force, how full the tables are, and what was measured until now. */
  reportState(): void {
    this.#reporter.reportState();
  }

  async #processBatch(): Promise<void> {
    const { shutdown, source } = this.#parts;
    const { core } = source;
    for (let at = 0; at < core.batch.ready && !shutdown.isOver; ) {
      at = core.process(at, this.#schedule.next, this.#enoughRtts);
      await this.#drain();
      await this.#goOn();
    }
  }

  /** From time to time, to signals and writes. */
  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#turned < TURN_MS) return;
    this.#showProgress();
    await turn();
    this.#turned = performance.now();
  }

  #showProgress(): void {
    const { capture, progress, source } = this.#parts;
    const { core } = source;
    progress.update(() => ({
      position: capture.position,
      size: capture.size,
      packets: packetsIn(core.counters()),
    }));
  }

  /** Whatever the batch was left for. */
  async #goOn(): Promise<void> {
    const { shutdown, source } = this.#parts;
    const { core } = source;
    const { next } = core.progress;
    switch (core.stop) {
      case REPLAY_STOP.time:
        return this.#keepTime(next);
      case REPLAY_STOP.back:
        return this.#startAnew(next);
      case REPLAY_STOP.enough:
        return shutdown.end();
    }
  }

  /** All that is due up to the time of the next packet, in order. */
  async #keepTime(next: bigint): Promise<void> {
    const { shutdown, source, intervals } = this.#parts;
    const { core } = source;
    const { latest } = core.progress;
    intervals?.begin(next);
    while (!shutdown.isOver) {
      const due = this.#schedule.takeDue(next, latest);
      if (due === undefined) return;
      if (due.what === 'end') return shutdown.end();
      if (due.what === 'interval') await this.#reportInterval(due.at);
      if (due.what === 'stats') await this.#reportStats(due.at);
      if (due.what === 'sweep') await this.#sweepAndGovern(due.at, next);
      await this.#giveTurn();
    }
  }

  async #sweepAndGovern(at: bigint, next: bigint): Promise<void> {
    this.#parts.pump.ending.acceptCarried(at, this.#parts.source.counters());
    await this.#sweeper.sweepAndGovern(at, { now: at });
    if (this.#sweeper.isAtRest) this.#schedule.skipTo(next);
  }

  /** The clock of the capture was set back: nothing before can be compared with what comes. */
  async #startAnew(next: bigint): Promise<void> {
    const { capture, clock, notify, source } = this.#parts;
    const { core } = source;
    const { latest } = core.progress;
    await this.#sweeper.sweep({ now: latest, flush: true });
    core.forget();
    this.#sweeper.restart();
    this.#schedule.move(next - latest);
    this.#parts.intervals?.move(next - latest);
    const back = milliseconds(Number(latest - next));
    const hint = this.#hasGoneBack
      ? ''
      : `; if captures were concatenated, sort the packets first: reordercap ${capture.file} sorted.pcapng`;
    this.#hasGoneBack = true;
    notify(
      `the clock of ${capture.isSeveral ? 'a' : 'the'} capture goes back by ${back} at ${clock.timeOfDay(latest)}; measurement restarts from there${hint}`,
    );
  }

  /** Takes the events; waits for an output that is slower, since here nothing is lost by waiting. */
  #drain(): void | Promise<void> {
    const { source, pump } = this.#parts;
    source.drain({ onEvent: pump.accept });
    this.#reporter.reportRoutes();
    pump.flush();
    return this.#room.wait();
  }

  async #reportInterval(at: bigint): Promise<void> {
    await this.#parts.intervals?.report(at);
    return this.#drain();
  }

  #reportStats(at: bigint): void | Promise<void> {
    this.#reporter.reportStats(at);
    return this.#drain();
  }
}
