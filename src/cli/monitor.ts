/** The live monitor: every stage of the pipeline, wired up, kept going and ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Counters } from '../events/counters.js';
import { Fault, messageOf } from '../faults.js';
import { Clock } from '../format/clock.js';
import { createFormatter } from '../format/formats.js';
import { summaryText } from '../format/summary.js';
import { epochOffset } from '../libbpf/clock.js';
import { findInterface } from '../libbpf/interfaces.js';
import { LiveSource } from '../live/source.js';
import { openOutput, Sink } from '../sink/sink.js';
import { type RunTotals, Totals } from '../summary/totals.js';
import { durationText } from './duration.js';
import type { Options } from './options.js';
import { Pump } from './pump.js';
import { LONGEST_TIMER_MS, Shutdown } from './shutdown.js';

/** The longest an event waits for its reader. */
const DRAIN_INTERVAL_MS = 75;
const CHECK_INTERVAL_MS = 1000;

/**
 * Watches until the run is over; prints the summary.
 * Throws a UsageError or Fault where it cannot begin, a Fault where it cannot go on.
 */
export async function monitor(options: Options): Promise<void> {
  const watched = findInterface(options.interface);
  const shutdown = new Shutdown();
  const sink = openSink(options, shutdown);
  const undo = [shutdown.onSignals()];
  const source = await LiveSource.start(watched, options.settings, options.attach);
  const detach = () => source.detach();
  process.once('exit', detach);
  undo.push(
    () => process.off('exit', detach),
    options.duration === undefined ? () => {} : shutdown.after(options.duration),
  );
  tell(`watching ${watched.name} (${source.attachMethod}), ${rateText(options)}; Ctrl-C ends`);
  const run = new Run(options, source, sink, shutdown);
  await run.untilOver();
  try {
    tell(summaryText(await run.finish()));
  } catch (error) {
    throw shutdown.fault ?? error;
  } finally {
    for (const each of undo) each();
  }
  if (shutdown.fault) throw shutdown.fault;
  if (sink.failure !== undefined) throw new Fault(sink.failure);
}

class Run {
  readonly #source: LiveSource;
  readonly #sink: Sink;
  readonly #shutdown: Shutdown;
  readonly #clock = new Clock(epochOffset());
  readonly #totals = new Totals();
  readonly #pump: Pump;
  readonly #cleanupMs: number;
  #lost = { rtts: 0, flowEvents: 0 };

  constructor(options: Options, source: LiveSource, sink: Sink, shutdown: Shutdown) {
    this.#source = source;
    this.#sink = sink;
    this.#shutdown = shutdown;
    this.#cleanupMs = Number(options.cleanupInterval) / 1e6;
    const { interface: name, color, format, count = Number.POSITIVE_INFINITY } = options;
    const formatter = createFormatter(format, {
      clock: this.#clock,
      interface: name,
      color: color && isColorWanted(options),
    });
    this.#pump = new Pump(formatter, sink, this.#totals, count, () => shutdown.end());
  }

  /** Drains, sweeps and checks side by side; all have stopped when this resolves. */
  async untilOver(): Promise<void> {
    await Promise.all([
      this.#repeat(() => this.#drainNext()),
      this.#repeat(() => this.#sweepNext()),
      this.#repeat(() => this.#checkNext()),
    ]);
  }

  /** Takes what is left, in order: stop seeing, read, write, close. */
  async finish(): Promise<RunTotals> {
    let counters: Counters;
    try {
      this.#source.detach();
      this.#source.drain(this.#pump.take);
      this.#reportLoss();
      this.#pump.flush();
      counters = this.#source.counters();
    } finally {
      this.#source.close();
      await this.#sink.close();
    }
    return this.#totals.finish({
      lostRtts: counters.rttEventsLost,
      lostFlowEvents: counters.flowEventsLost,
      droppedLines: this.#sink.dropped,
      undecodable: this.#source.undecodable,
      flowMapFull: counters.flowMapFull,
      timestampMapFull: counters.timestampMapFull,
    });
  }

  /** A failure of one ends all. */
  async #repeat(step: () => Promise<void>): Promise<void> {
    while (!this.#shutdown.isOver) {
      try {
        await step();
      } catch (error) {
        if (this.#shutdown.isOver) return;
        this.#shutdown.fail(
          error instanceof Fault ? error : new Fault(messageOf(error), { cause: error }),
        );
      }
    }
  }

  async #drainNext(): Promise<void> {
    await this.#source.wait(DRAIN_INTERVAL_MS);
    this.#source.drain(this.#pump.take);
    this.#pump.flush();
  }

  async #sweepNext(): Promise<void> {
    await this.#pause(this.#cleanupMs);
    await this.#source.sweep();
  }

  async #checkNext(): Promise<void> {
    await this.#pause(CHECK_INTERVAL_MS);
    this.#clock.offset = epochOffset();
    this.#reportLoss();
    if (!this.#source.isInterfaceThere()) {
      throw new Fault(`interface ${this.#source.interface.name} is gone`);
    }
  }

  /** Rejects when the run is over. */
  #pause(milliseconds: number): Promise<void> {
    return delay(Math.min(milliseconds, LONGEST_TIMER_MS), undefined, {
      signal: this.#shutdown.signal,
    });
  }

  /** What has been lost since the last time, as an event of its own. */
  #reportLoss(): void {
    const { rttEventsLost, flowEventsLost } = this.#source.counters();
    const lostRtts = rttEventsLost - this.#lost.rtts;
    const lostFlowEvents = flowEventsLost - this.#lost.flowEvents;
    if (lostRtts === 0 && lostFlowEvents === 0) return;
    this.#lost = { rtts: rttEventsLost, flowEvents: flowEventsLost };
    const timestamp = process.hrtime.bigint();
    this.#pump.write({ type: 'loss', timestamp, lostRtts, lostFlowEvents });
  }
}

function openSink(options: Options, shutdown: Shutdown): Sink {
  let told = false;
  return new Sink(openOutput(options.output), {
    onBrokenPipe: () => shutdown.end(),
    onError: (message) => {
      if (!told) tell(message);
      told = true;
    },
  });
}

function isColorWanted(options: Options): boolean {
  if (process.env.NO_COLOR) return false;
  return options.output === undefined && isatty(1);
}

function rateText({ settings }: Options): string {
  return settings.rate === 0n
    ? 'every identifier'
    : `at most one sample per flow direction and ${durationText(settings.rate)}`;
}

/** For people; never among the data. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
