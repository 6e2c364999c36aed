/** The live monitor: every stage of the pipeline, wired up and ended. */
import { Fault, messageOf } from '../faults.js';
import { Clock } from '../format/clock.js';
import { createFormatter } from '../format/formats.js';
import { summaryText } from '../format/summary.js';
import { epochOffset } from '../libbpf/clock.js';
import { findInterface } from '../libbpf/interfaces.js';
import { LiveSource } from '../live/source.js';
import type { Sink } from '../sink/sink.js';
import { Totals } from '../summary/totals.js';
import type { LiveOptions } from './options.js';
import { Pump } from './pump.js';
import { Run } from './run.js';
import { Shutdown } from './shutdown.js';
import { isColorWanted, openSink, rateText, tell } from './terms.js';

/**
 * Watches until the run is over; prints the summary.
 * Throws a UsageError or Fault where it cannot begin, a Fault where it cannot go on.
 */
export async function monitor(options: LiveOptions): Promise<void> {
  const watched = findInterface(options.interface);
  const shutdown = new Shutdown();
  const sink = openSink(options, { onBrokenPipe: () => shutdown.end() });
  let run: Run | undefined;
  // From the first moment: until there is a handler, SIGUSR1 would open Node's debugger.
  const undo = [shutdown.onSignals(), onStateWanted(() => run, shutdown)];
  const { settings, capacity, attach } = options;
  const source = await LiveSource.start(watched, settings, capacity, attach);
  if (options.selfCost) source.meterSelf();
  const detach = () => source.detach();
  process.once('exit', detach);
  undo.push(
    () => process.off('exit', detach),
    options.duration === undefined ? () => {} : shutdown.after(options.duration),
  );
  run = createRun(options, source, sink, shutdown);
  tell(`watching ${watched.name} (${source.attachMethod}), ${rateText(options)}; Ctrl-C ends`);
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

function createRun(options: LiveOptions, source: LiveSource, sink: Sink, shutdown: Shutdown): Run {
  const clock = new Clock(epochOffset());
  const totals = new Totals();
  const { interface: name, format, count = Number.POSITIVE_INFINITY } = options;
  const formatter = createFormatter(format, {
    clock,
    interface: name,
    color: isColorWanted(options),
  });
  const pump = new Pump(formatter, sink, totals, count, () => shutdown.end());
  return new Run({ options, source, pump, totals, sink, clock, shutdown, tell });
}

/** kill -USR1. @returns what undoes this */
function onStateWanted(run: () => Run | undefined, shutdown: Shutdown): () => void {
  const fail = (error: unknown) => shutdown.fail(new Fault(messageOf(error), { cause: error }));
  const handler = () => void run()?.tellState().catch(fail);
  process.on('SIGUSR1', handler);
  return () => process.off('SIGUSR1', handler);
}
