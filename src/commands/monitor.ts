/** The live monitor: every stage of the pipeline, begun and ended. */
import { Fault, faultOf } from '../faults.js';
import { LiveSource } from '../live/source.js';
import type { LiveOptions } from '../options/options.js';
import { anonymizerFor } from '../run/anonymizing.js';
import type { LiveRun } from '../run/live-run.js';
import type { MetricsEndpoint } from '../run/metrics-endpoint.js';
import { namesFor } from '../run/names.js';
import { notifyUnwritten, onExit, onSignals, openSink } from '../run/output.js';
import { Shutdown } from '../run/shutdown.js';
import { notify } from '../stdio/notify.js';
import { openStandardError } from '../stdio/standard-error.js';
import type { Start } from './start.js';

/**
 * Watches until the run is over; prints the summary.
 * Throws a UsageError or Fault where it cannot begin, a Fault where it cannot go on.
 * @returns the exit code
 */
export async function monitor(options: LiveOptions, start: Start): Promise<number> {
  const { plan, object, owners, output, key, metrics: listening, accounting } = start;
  // Loaded only where it is wanted: each module is a part of the time that pping takes to start.
  const view = options.live
    ? new (await import('../run/live-view.js')).LiveView(options)
    : undefined;
  openStandardError();
  const anonymizer = await anonymizerFor(options, key);
  const shutdown = new Shutdown();
  const sinkTerms = { onBrokenPipe: () => shutdown.endUnread(), say: view?.notify };
  const sink = await openSink(options, sinkTerms, output);
  let run: LiveRun | undefined;
  const undo = [
    onSignals(options, shutdown, sink, view?.notify),
    onStateWanted(() => run, shutdown),
  ];
  const names = await namesFor(options);
  const say = view?.notify ?? notify;
  const onChange = (flowId: number) => run?.refresh(flowId);
  const attribution =
    owners &&
    new (await import('../run/attribution.js')).LiveAttribution(options, owners, { onChange, say });
  // While the kernel attaches the programs. Where that fails is told where it is waited for.
  const loading = import('./live-parts.js');
  loading.catch(() => {});
  const source = await LiveSource.startLoaded(object, plan, {
    ...options,
    isAttributed: owners !== undefined,
    socketsIn: attribution?.socketsIn,
    areMakersNoted: options.measured.areProtocolsTold,
    anonymizer,
    isOver: () => shutdown.isOver,
  });
  attribution?.tellLimits(source.sockets);
  const { unnotedListeners, unnotedMakers } = source;
  if (start.missingConntrack !== undefined) {
    const areNoted = source.sockets?.areAllNoted === true;
    const known = areNoted ? 'only connections that sockets of this host open' : 'nothing';
    say(`--nat covers ${known}: ${start.missingConntrack}`);
  }
  if (unnotedListeners !== undefined)
    say(`listeners that were there before are not known: ${unnotedListeners}`);
  if (unnotedMakers !== undefined)
    say(
      `processes of QUIC, pings and DNS are found only if their sockets stay open for a while: ${unnotedMakers}`,
    );
  const leave = () => {
    source.abandon();
    view?.close();
    notifyUnwritten(sink);
  };
  undo.push(onExit(leave));
  let detached: Fault | undefined;
  let outcome = () => 0;
  let metrics: MetricsEndpoint | undefined;
  try {
    const parts = await loading;
    const conditions = parts.conditionsOf(options);
    if (accounting !== undefined) source.meterSelf(accounting);
    if (options.duration !== undefined) undo.push(shutdown.after(options.duration));
    const attributionOf = options.who ? attribution?.attributionOf : undefined;
    metrics =
      listening === undefined
        ? undefined
        : await parts.metricsEndpoint(options, source, {
            attributionOf,
            ownerOf: attribution?.ownerOf,
          });
    run = parts.createRun({
      ...{ options, source, sink, shutdown, conditions, view, metrics, attribution, names },
    });
    if (listening !== undefined) await metrics?.open(run, listening);
    parts.tellBeginning(options, source, view);
    view?.open(run, {
      onQuit: () => shutdown.end(),
      attributionOf,
      names,
      seenAtOf: parts.seenAtIn(source),
      areInterfacesSeveral: () => source.areSeveral,
      interfaces: () => source.interfaceNames,
    });
    detached = await run.untilOver();
    view?.close();
    parts.tellEnd(options, source, await run.finish(), names);
    outcome = () => parts.outcomeOf(conditions);
  } catch (error) {
    await sink.close();
    throw shutdown.fault ?? error;
  } finally {
    source.detach();
    view?.close();
    metrics?.close();
    names?.close();
    await attribution?.close();
    for (const each of undo) each();
  }
  const fault = shutdown.fault ?? detached;
  if (fault) throw fault;
  if (sink.failure !== undefined) throw new Fault(sink.failure);
  return outcome();
}

/** kill -USR1. @returns what undoes this */
function onStateWanted(run: () => LiveRun | undefined, shutdown: Shutdown): () => void {
  const fail = (error: unknown) => shutdown.fail(faultOf(error));
  const handler = () => void run()?.reportState().catch(fail);
  process.on('SIGUSR1', handler);
  return () => process.off('SIGUSR1', handler);
}
