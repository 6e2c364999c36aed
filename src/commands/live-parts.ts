/**
 * What a live run is made of, wired up. Loaded while the kernel attaches the programs: each module is a part of the time
 * that pping takes to start.
 */
import { isatty } from 'node:tty';
import type { SeenAtOf, SurroundingsOf } from '../events/places.js';
import { Clock } from '../format/clock.js';
import type { FormatOptions } from '../format/formats.js';
import { awaitingText, labelOf, namesText } from '../format/interfaces.js';
import { rateTexts } from '../format/rate.js';
import { summaryText } from '../format/summary.js';
import { ownVersion } from '../installation/versions.js';
import { EpochOffset } from '../libbpf/clock.js';
import { meansSeveral } from '../live/namespace-plan.js';
import type { LiveSource } from '../live/source.js';
import type { Labels } from '../metrics/series.js';
import type { LiveOptions, MetricsOptions } from '../options/options.js';
import type { EarlierConnections } from '../owners/earlier-connections.js';
import { PendingOwners } from '../owners/pending-owners.js';
import type { FoundNames } from '../resolver/found-names.js';
import { aggregateReporterOf, aggregateShapeOf } from '../run/aggregate-reporter.js';
import { anonymizationText } from '../run/anonymizing.js';
import type { LiveAttribution } from '../run/attribution.js';
import type { Consumer } from '../run/consumer.js';
import { areResponsesPrinted, dataOutput, isSummaryData } from '../run/data-output.js';
import { Ending } from '../run/ending.js';
import { intervalReporterOf, intervalShapeOf, intervalsOf } from '../run/interval-reporter.js';
import { LiveRun } from '../run/live-run.js';
import type { LiveView } from '../run/live-view.js';
import type { EndpointParts, MetricsEndpoint } from '../run/metrics-endpoint.js';
import { isColorWanted, isOnTerminal } from '../run/output.js';
import { Pump } from '../run/pump.js';
import type { Shutdown } from '../run/shutdown.js';
import { areOnlyAggregated } from '../sampling/aggregation.js';
import { askedOf } from '../sampling/filter.js';
import type { Sink } from '../sink/sink.js';
import { STDERR } from '../stdio/descriptors.js';
import { notify } from '../stdio/notify.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { Totals } from '../summary/totals.js';
import { endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { durationText } from '../text/units.js';

export { conditionsOf, outcomeOf } from '../run/outcome.js';

/** To people, once it watches. */
export function tellBeginning(
  options: LiveOptions,
  source: LiveSource,
  view: LiveView | undefined,
): void {
  // Who waits for the summary at a terminal would think that it hangs.
  if (!view && (!options.quiet || isatty(STDERR))) notify(watchingText(options, source));
  const told = anonymizationText(options);
  if (told !== undefined) (view?.notify ?? notify)(told);
}

/** To people, once it is over. */
export function tellEnd(
  options: LiveOptions,
  source: LiveSource,
  summary: Awaited<ReturnType<LiveRun['finish']>>,
  names: FoundNames | undefined,
): void {
  if (isSummaryData(options)) return;
  notify(summaryText(summary, labelOf(source), options.verbose, names));
}

function watchingText(options: LiveOptions, source: LiveSource): string {
  const { settings, interfaces, netns, metrics, filter, duration } = options;
  const { attachMethod, interfaceNames: names } = source;
  const [only] = meansSeveral(netns) ? [] : netns;
  const where = only === undefined ? '' : ` in the network namespace ${asciiText(only)}`;
  const watched =
    names.length > 0
      ? `watching ${namesText(names)} (${attachMethod})${where}`
      : awaitingText(interfaces, where);
  const forSoLong = duration === undefined ? '' : ` for ${durationText(duration)}`;
  const rates = names.length > 0 ? rateTexts(settings, filter.protocols) : [];
  const told = [`${watched}${forSoLong}`, ...rates].join(', ');
  return `${told}${metricsText(metrics)}; Ctrl-C ends${duration === undefined ? '' : ' sooner'}`;
}

function metricsText({ address: listening }: MetricsOptions): string {
  if (listening === undefined) return '';
  const { address, port, ipVersion } = listening;
  return `, metrics at http://${endpointText(address, port, ipVersion)}/metrics`;
}

export interface RunParts {
  readonly options: LiveOptions;
  readonly source: LiveSource;
  readonly sink: Sink;
  readonly shutdown: Shutdown;
  readonly conditions: readonly ConditionWatch[];
  readonly view: LiveView | undefined;
  readonly metrics: MetricsEndpoint | undefined;
  /** Undefined where it is not found out whose connections are. */
  readonly attribution: LiveAttribution | undefined;
  /** Undefined where hosts are shown by their addresses. */
  readonly names: FoundNames | undefined;
}

export function createRun(parts: RunParts): LiveRun {
  const { options, source, sink, shutdown, conditions, view, metrics, attribution, names } = parts;
  const epochOffset = new EpochOffset();
  const clock = new Clock(epochOffset.read(), { hasDate: options.date });
  const seenAtOf = seenAtIn(source);
  const totals = totalsFor(parts, seenAtOf);
  const begin = process.hrtime.bigint();
  const output = dataOutput(options, sink, outputShape(parts, clock, seenAtOf), () => begin);
  const intervals = intervalsOf(options, totals, 'beyond', seenAtOf);
  const consumers = [totals, intervals, view, metrics, output].filter((each) => each !== undefined);
  const pump = pumpFor(parts, totals, consumers);
  const common = { options, source, pump, totals, sink, shutdown };
  const counting = {
    ...common,
    seenAtOf,
    ownerOf: attribution?.ownerOf,
    expected: 'beyond',
  } as const;
  return new LiveRun({
    ...{ ...common, conditions, attribution, names, clock, epochOffset },
    intervals: intervalReporterOf(options, intervals, pump) ?? aggregateReporterOf(counting),
    notify: view?.notify ?? notify,
  });
}

function totalsFor({ options, attribution }: RunParts, seenAtOf: SeenAtOf | undefined): Totals {
  return new Totals({
    attributionOf: options.who ? attribution?.attributionOf : undefined,
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
  { options, source, attribution, names }: RunParts,
  clock: Clock,
  seenAtOf: SeenAtOf | undefined,
): FormatOptions {
  const surroundingsOf: SurroundingsOf = (place) => source.surroundingsOf(place);
  return {
    clock,
    interface: source.areSeveral ? undefined : source.interfaceNames[0],
    label: labelOf(source),
    netns: meansSeveral(options.netns) ? undefined : options.netns[0],
    seenAtOf,
    areInterfacesSeveral: () => source.areSeveral,
    color: isColorWanted(options),
    isTerminal: isOnTerminal(options),
    attributionOf: attribution?.attributionOf,
    surroundingsOf,
    intervals: intervalShapeOf(options),
    aggregates: aggregateShapeOf(options),
    labels: options.labels,
    names,
  };
}

function pumpFor(parts: RunParts, totals: Totals, consumers: readonly Consumer[]): Pump {
  const { options, source, shutdown, conditions, attribution } = parts;
  const { count = Number.POSITIVE_INFINITY, aggregation, measured } = options;
  const ending = new Ending({
    ...{ totals, count, conditions, areCounted: areOnlyAggregated(aggregation) },
    areProtocolsTold: measured.areProtocolsTold,
    areResponsesCounted: areResponsesPrinted(options),
    onEnough: () => shutdown.end(),
  });
  const { ofConnections: attributions, pidFilter } = attribution ?? {};
  const earlier = attribution?.seek(source);
  const pending = pendingOwners(parts, earlier);
  return new Pump({ consumers, ending, attributions, earlier, pending, pidFilter });
}

/** Undefined where no event waits for its owner. */
function pendingOwners(
  { options, source, attribution }: RunParts,
  earlier: EarlierConnections | undefined,
): PendingOwners | undefined {
  const { ofConnections: attributions, pidFilter } = attribution ?? {};
  if (!options.who || !attributions || !source.sockets?.areAllNoted || pidFilter) return undefined;
  return new PendingOwners({
    isAwaited: (flowId) => attributions.isAwaited(flowId),
    areEarlierSought: () => earlier?.isSoon === true,
  });
}

/** Loaded only where it is wanted, as the view is. */
export async function metricsEndpoint(
  { metrics: options, netns, labels, aggregation, measured }: LiveOptions,
  source: LiveSource,
  owners: Pick<EndpointParts, 'attributionOf' | 'ownerOf'>,
): Promise<MetricsEndpoint> {
  const { MetricsEndpoint } = await import('../run/metrics-endpoint.js');
  const [alone = ''] = source.interfaceNames;
  const interfaceOf = source.areSeveral
    ? (place?: number) =>
        place === undefined ? undefined : (source.interfaceOf(place) ?? { interface: '' })
    : () => ({ interface: alone });
  const [entered] = meansSeveral(netns) ? [] : netns;
  const where: Labels = entered === undefined ? {} : { netns: entered };
  return new MetricsEndpoint({
    ...{ options, where, labels, interfaceOf, aggregation, ...owners, version: ownVersion() },
    areProtocolsTold: measured.areProtocolsTold,
  });
}

/** Undefined where there is but one. */
export function seenAtIn(source: LiveSource): SeenAtOf | undefined {
  if (!source.areSeveral) return undefined;
  return (place) => {
    const found = source.interfaceOf(place);
    return found && { capture: undefined, ...found };
  };
}
