/** A replay: every stage of the pipeline over a capture, wired up and ended. */
import type { SeenAtOf, SurroundingsOf } from '../events/places.js';
import { Fault, UsageError } from '../faults.js';
import { Clock } from '../format/clock.js';
import type { FormatOptions } from '../format/formats.js';
import { rateTexts } from '../format/rate.js';
import { summaryText } from '../format/summary.js';
import { refuseOwnInput } from '../input/own-input.js';
import { refuseTwice } from '../input/twice.js';
import type { ReplayOptions } from '../options/options.js';
import { isUrl } from '../output-url.js';
import { CORE_CLOCK_OFFSET, ReplayCore } from '../replay/core.js';
import type { CaptureFeed } from '../replay/feed.js';
import { openFeed } from '../replay/open.js';
import { ReplaySource } from '../replay/source.js';
import type { FoundNames } from '../resolver/found-names.js';
import { aggregateReporterOf, aggregateShapeOf } from '../run/aggregate-reporter.js';
import { anonymizationText, anonymizerFor, openedKey } from '../run/anonymizing.js';
import { areResponsesPrinted, dataOutput, isSummaryData } from '../run/data-output.js';
import { Ending } from '../run/ending.js';
import { intervalReporterOf, intervalShapeOf, intervalsOf } from '../run/interval-reporter.js';
import { namesFor } from '../run/names.js';
import { conditionsOf, outcomeOf } from '../run/outcome.js';
import {
  isColorWanted,
  isOnTerminal,
  notifyUnwritten,
  onExit,
  onSignals,
  openSink,
} from '../run/output.js';
import { ProgressLine } from '../run/progress-line.js';
import { Pump } from '../run/pump.js';
import { ReplayRun } from '../run/replay-run.js';
import { ReplaySides } from '../run/replay-sides.js';
import { Shutdown } from '../run/shutdown.js';
import { areOnlyAggregated } from '../sampling/aggregation.js';
import { askedOf } from '../sampling/filter.js';
import type { Sink } from '../sink/sink.js';
import { notify } from '../stdio/notify.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { Totals } from '../summary/totals.js';

/**
 * Reads the capture to its end, or until the run is over; prints the summary.
 * Throws a UsageError or Fault where it cannot begin, a Fault where it ended too early.
 * @returns the exit code
 */
export async function replay(options: ReplayOptions): Promise<number> {
  for (const path of options.captures) refuseOwnInput(path, options.output);
  refuseTwice(options.captures);
  const shutdown = new Shutdown();
  let run: ReplayRun | undefined;
  const undo = [onStateWanted(() => run)];
  const anonymizer = await anonymizerFor(options, openedKey(options));
  const core = createCore(options);
  const capture = await openFeed(options.captures, core, options.reorder);
  const sides = await ReplaySides.find(options, core, () => createCore(options));
  const say = (text: string) => (run ? run.say(text) : notify(text));
  const sink = await openSinkBeside(capture, options, shutdown, say);
  const conditions = conditionsOf(options);
  const names = await namesFor(options);
  const source = new ReplaySource(core, anonymizer);
  run = createRun({ options, source, capture, sides, sink, shutdown, conditions, names });
  undo.push(onSignals(options, shutdown, sink));
  undo.push(onExit(() => notifyUnwritten(sink)));
  shutdown.signal.addEventListener('abort', () => capture.interrupt());
  if (!options.quiet) notify(replayingText(options, capture.name));
  const told = anonymizationText(options);
  if (told !== undefined) notify(told);
  try {
    sides.tell((text) => run?.say(text));
    await run.untilOver();
    if (run.refusal !== undefined) throw new UsageError(run.refusal);
    run.refuseSilence();
    const summary = await run.finish();
    for (const remark of run.remarks()) notify(remark);
    if (!isSummaryData(options)) notify(summaryText(summary, undefined, options.verbose, names));
  } catch (error) {
    await sink.close();
    throw error;
  } finally {
    names?.close();
    for (const each of undo) each();
    capture.close();
  }
  const fault = shutdown.fault?.message ?? capture.damage ?? sink.failure;
  if (fault !== undefined) throw new Fault(fault);
  return outcomeOf(conditions);
}

function replayingText({ settings, filter }: ReplayOptions, name: string): string {
  const replaying = [`replaying ${name}`, ...rateTexts(settings, filter.protocols)].join(', ');
  return `${replaying}; times of day are UTC`;
}

function createCore(options: ReplayOptions): ReplayCore {
  const core = new ReplayCore(options.settings, options.capacity);
  core.setLocal(options.local);
  core.filter(options.filter);
  core.lookIntoTunnels(options.tunnels);
  core.aggregate(options.aggregation);
  core.countResponses(areResponsesPrinted(options));
  return core;
}

/** What has begun to be read keeps the process alive until it is closed. */
async function openSinkBeside(
  capture: CaptureFeed,
  options: ReplayOptions,
  shutdown: Shutdown,
  say: (text: string) => void,
): Promise<Sink> {
  try {
    return await openSink(options, {
      onBrokenPipe: () => shutdown.endUnread(),
      onError: (message) => shutdown.fail(new Fault(message)),
      say: isUrl(options.output) ? say : () => {}, // of a file, the fault does
      isPatient: true,
    });
  } catch (error) {
    capture.close();
    throw error;
  }
}

interface RunParts {
  readonly options: ReplayOptions;
  readonly source: ReplaySource;
  readonly capture: CaptureFeed;
  readonly sides: ReplaySides;
  readonly sink: Sink;
  readonly shutdown: Shutdown;
  readonly conditions: readonly ConditionWatch[];
  /** Undefined where hosts are shown by their addresses. */
  readonly names: FoundNames | undefined;
}

function createRun(parts: RunParts): ReplayRun {
  const { options, source, capture, sides, sink, shutdown, names } = parts;
  // Not this machine's time of day: the same capture gives the same output everywhere.
  const clock = new Clock(CORE_CLOCK_OFFSET, { zone: 'utc', hasDate: options.date });
  const seenAtOf = seenAtIn(capture, source.core);
  const totals = totalsFor(options, seenAtOf);
  const begin = () => source.core.progress.first || undefined;
  const output = dataOutput(options, sink, outputShape(parts, clock, seenAtOf), begin);
  const { expected } = sides;
  const intervals = intervalsOf(options, totals, expected, seenAtOf);
  const consumers = [sides, totals, intervals, output].filter((each) => each !== undefined);
  const pump = new Pump({ consumers, ending: endingFor(parts, totals) });
  const progress = new ProgressLine(options);
  const common = { options, source, capture, pump, totals, sink, clock, shutdown, progress };
  return new ReplayRun({
    ...common,
    names,
    intervals:
      intervalReporterOf(options, intervals, pump) ??
      aggregateReporterOf({ ...common, seenAtOf, expected }),
    notify: (text) => progress.around(() => notify(text)),
  });
}

function totalsFor(options: ReplayOptions, seenAtOf: SeenAtOf): Totals {
  return new Totals({
    window: Number(options.settings.minWindow),
    seenAtOf,
    hasRoutes: options.anonymization.how !== 'prefix',
    mostFlows: options.capacity.flows,
    areProtocolsTold: options.measured.areProtocolsTold,
    asked: askedOf(options.filter),
    isDnsAlone: options.measured.dns === 'alone',
  });
}

function outputShape(
  { options, source: { core }, names }: RunParts,
  clock: Clock,
  seenAtOf: SeenAtOf,
): FormatOptions {
  const surroundingsOf: SurroundingsOf = (place) => core.surroundingsOf(place);
  return {
    clock,
    interface: undefined,
    color: isColorWanted(options),
    isTerminal: isOnTerminal(options),
    surroundingsOf,
    seenAtOf,
    areInterfacesSeveral: () => core.hasSeveralInterfaces,
    intervals: intervalShapeOf(options),
    aggregates: aggregateShapeOf(options),
    labels: options.labels,
    names,
  };
}

function endingFor({ options, conditions, shutdown }: RunParts, totals: Totals): Ending {
  const { count = Number.POSITIVE_INFINITY, aggregation, measured } = options;
  return new Ending({
    ...{ totals, count, conditions, areCounted: areOnlyAggregated(aggregation) },
    areProtocolsTold: measured.areProtocolsTold,
    areResponsesCounted: areResponsesPrinted(options),
    onEnough: () => shutdown.end(),
  });
}

function seenAtIn(feed: CaptureFeed, core: ReplayCore): SeenAtOf {
  return (place) => {
    const capture = feed.captureOf(core.interfaceOf(place));
    const name = core.interfaceNameOf(place);
    return capture === undefined && name === undefined ? undefined : { capture, interface: name };
  };
}

/** kill -USR1. @returns what undoes this */
function onStateWanted(run: () => ReplayRun | undefined): () => void {
  const handler = () => run()?.reportState();
  process.on('SIGUSR1', handler);
  return () => process.off('SIGUSR1', handler);
}
