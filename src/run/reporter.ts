/** What a run says of itself, whatever its source is: its totals, statistics, state, and what the governor does. */
import { connectionsIn } from '../core/quic-connections.js';
import { occupancyAfter, waitingAfter } from '../core/sweep.js';
import type { Clock } from '../format/clock.js';
import { governorText, stateText } from '../format/governor.js';
import { routeTexts } from '../format/route.js';
import { statsText, summaryText } from '../format/summary.js';
import { settingsText } from '../options/settings-text.js';
import type { FoundNames } from '../resolver/found-names.js';
import type { GovernorStep } from '../sampling/governor.js';
import type { Capacity } from '../sampling/policy.js';
import type { Sink } from '../sink/sink.js';
import type { Counted, RunTotals } from '../summary/run-totals.js';
import type { Totals } from '../summary/totals.js';
import { addressText } from '../text/address.js';
import type { Pump } from './pump.js';
import type { Source } from './source.js';
import type { Sweeper } from './sweeper.js';

/** For what is asked for only at the end, as with --quiet. */
const LONGEST_WAIT_MS = 1_000;

export interface ReporterParts {
  readonly source: Source;
  readonly sweeper: Sweeper;
  readonly pump: Pump;
  readonly totals: Totals;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly capacity: Capacity;
  /** Undefined for a capture, which may be of several. */
  readonly interface: string | undefined;
  /** What this source alone has counted. */
  readonly more?: () => Partial<Counted>;
  /** Undefined where hosts are shown by their addresses. */
  readonly names: FoundNames | undefined;
  /** For people; never among the data. */
  readonly notify: (text: string) => void;
}

export class Reporter {
  readonly #parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Until now. */
  totals(): RunTotals {
    const { source, sweeper, sink, totals, capacity, more } = this.#parts;
    const counters = source.counters();
    return totals.with({
      counters,
      waiting: waitingAfter(sweeper.swept),
      occupancy: occupancyAfter(sweeper.swept),
      capacity,
      quic: connectionsIn(counters, sweeper.swept.quic),
      droppedLines: sink.dropped,
      undecodable: 0,
      ...more?.(),
    });
  }

  /** Of the hosts that the summary will show; those not found in a moment are shown by their addresses. */
  async findNames(): Promise<void> {
    const { names } = this.#parts;
    if (!names) return;
    const { sides, dns } = this.totals();
    const peers = sides.flatMap(({ peers }) => peers.worst);
    const hosts = [...peers, ...(dns?.resolvers.most ?? [])];
    const addresses = hosts.map(({ address, ipVersion }) => addressText(address, ipVersion));
    await names.settle(addresses, LONGEST_WAIT_MS);
  }

  /** At the end. @param at the time, in ns on the clock of the events */
  reportSummary(at: bigint): RunTotals {
    const totals = this.totals();
    this.reportRoutes();
    this.#parts.pump.notice({ type: 'summary', timestamp: at, final: true, totals });
    this.#parts.pump.flush();
    return totals;
  }

  /** At intervals. @param at the time, in ns on the clock of the events */
  reportStats(at: bigint): void {
    const { pump, clock, notify, interface: name } = this.#parts;
    const totals = this.totals();
    if (pump.notice({ type: 'summary', timestamp: at, final: false, totals })) return;
    notify(`${clock.timeOfDay(at)}  ${statsText(totals, name)}`);
  }

  /** Says what is in force, how full the maps are, and what was measured until now. */
  reportState(): void {
    const { sweeper, capacity, notify, names, interface: name } = this.#parts;
    notify(stateText(settingsText(sweeper.settings), occupancyAfter(sweeper.swept), capacity));
    notify(summaryText(this.totals(), name, true, names));
  }

  /** What has changed since the last time. */
  reportRoutes(): void {
    const { pump, clock, notify, totals, names } = this.#parts;
    const untold = totals
      .takeRouteChanges()
      .filter((change) => !pump.notice({ type: 'route', timestamp: change.timestamp, change }));
    for (const text of routeTexts(untold, clock, names)) notify(text);
  }

  /** @param at the time, in ns on the clock of the events */
  reportStep(step: GovernorStep, at: bigint): void {
    const { pump, notify } = this.#parts;
    if (!pump.notice({ type: 'governor', timestamp: at, ...step })) notify(governorText(step));
  }
}
