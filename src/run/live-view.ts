/** --live: the screen instead of lines, with what the run knows in its header. */

import { Chalk } from 'chalk';
import { packetsIn } from '../core/counters.js';
import type { KernelEvent } from '../events/types.js';
import type { Notice } from '../format/formatter.js';
import { lossTexts } from '../format/summary.js';
import type { LiveOptions } from '../options/options.js';
import { changedSettings } from '../options/settings-text.js';
import type { Occupancy } from '../sampling/governor.js';
import { type Capacity, DEFAULT_CAPACITY } from '../sampling/policy.js';
import {
  type DnsStatus,
  headerParagraphs,
  type IntervalDns,
  type IntervalSide,
  type IntervalStatus,
  type MapFill,
  type ScreenStatus,
} from '../screen/header.js';
import { Rate } from '../screen/rate.js';
import { Screen, type ScreenParts } from '../screen/screen.js';
import type { Header } from '../screen/view.js';
import { areColorsAllowed } from '../stdio/colors.js';
import { notify } from '../stdio/notify.js';
import { unblocked } from '../stdio/unblocked.js';
import { endUnread } from '../stdio/unread.js';
import { numberIn } from '../summary/aggregated-who.js';
import type { SideAggregates } from '../summary/aggregates.js';
import type { DnsFigures } from '../summary/dns.js';
import type { DnsSideAggregates } from '../summary/dns-aggregates.js';
import type { SideFigures } from '../summary/run-totals.js';
import { harmless } from '../text/ascii.js';
import type { Consumer } from './consumer.js';
import type { LiveRun } from './live-run.js';

/** The last ones; they are told again when the screen is given back. */
const MOST_MESSAGES = 50;
/** Then the hints come back. */
const MESSAGE_MS = 15_000;

/** What a run has for the view. */
export interface ViewParts
  extends Pick<
    ScreenParts,
    'onQuit' | 'attributionOf' | 'names' | 'seenAtOf' | 'areInterfacesSeveral'
  > {
  /** Names of those that are watched now. */
  readonly interfaces: () => readonly string[];
}

export class LiveView implements Consumer {
  readonly #options: LiveOptions;
  readonly #packets = new Rate();
  readonly #samples = new Rate();
  readonly #responses = new Rate();
  readonly #start = process.hrtime.bigint();
  readonly #messages: string[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Undefined where none is over. */
  #interval: IntervalStatus | undefined;
  #screen: Screen | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  open(run: LiveRun, parts: ViewParts): void {
    const { color, settings, aggregation, measured } = this.#options;
    const { by, interval } = aggregation;
    const { interfaces, ...shown } = parts;
    this.#screen = new Screen({
      input: process.stdin,
      output: unblocked(process.stdout),
      paint: new Chalk({ level: color && areColorsAllowed() ? 1 : 0 }),
      now: () => Number(process.hrtime.bigint()),
      header: (columns) => this.#header(this.#status(run, interfaces()), columns),
      ...shown,
      window: Number(settings.minWindow),
      dns: measured.dns,
      aggregates: interval === undefined ? undefined : { by, interval: Number(interval) },
    });
  }

  accept(event: KernelEvent): void {
    this.#screen?.accept(event);
  }

  refresh(flowId: number): void {
    this.#screen?.refresh(flowId);
  }

  refreshAll(): void {
    this.#screen?.refreshAll();
  }

  /** It is not among the data. */
  notice(notice: Notice): boolean {
    if (notice.type !== 'aggregates') return false;
    const { sides, dns = [] } = notice;
    this.#interval = intervalStatusOf(notice, this.#options.aggregation.by);
    this.#screen?.acceptAggregates(sides, dns);
    return false;
  }

  /** Among the picture, and afterwards below it. */
  readonly notify = (text: string): void => {
    if (!this.#screen) {
      notify(text);
      return;
    }
    this.#messages.push(harmless(text));
    this.#toldAt = performance.now();
    if (this.#messages.length > MOST_MESSAGES) this.#messages.shift();
  };

  /** Gives the terminal back. */
  close(): void {
    if (this.#screen) endUnread(process.stdout);
    this.#screen?.close();
    this.#screen = undefined;
    for (const message of this.#messages.splice(0)) notify(message);
  }

  #header(status: ScreenStatus, columns: number): Header {
    const isFresh = performance.now() - this.#toldAt < MESSAGE_MS;
    const message = (isFresh && this.#messages.at(-1)?.split('\n')[0]) || '';
    return { paragraphs: headerParagraphs(status, columns), message };
  }

  #status(run: LiveRun, interfaces: readonly string[]): ScreenStatus {
    const state = run.state();
    const now = process.hrtime.bigint();
    return {
      interfaces,
      attachMethod: state.attachMethod,
      elapsedNs: Number(now - this.#start),
      packetsPerSecond: this.#packets.read(packetsIn(state.counters), Number(now)),
      samplesPerSecond: this.#samplesPerSecond(state.sides, Number(now)),
      losses: lossTexts(state),
      sides: state.sides,
      dns: this.#dnsStatus(state.dns, Number(now)),
      interval: this.#interval,
      settings: [...changedSettings(state.settings), ...changedCapacity(this.#options.capacity)],
      maps: fills(state.occupancy, this.#options.capacity),
    };
  }

  /** Undefined where it is not measured. */
  #dnsStatus(figures: DnsFigures, now: number): DnsStatus | undefined {
    const { dns } = this.#options.measured;
    if (dns === undefined) return undefined;
    const responsesPerSecond = this.#interval
      ? perSecond(this.#interval, responsesIn(this.#interval))
      : this.#responses.read(figures.responses, now);
    return { figures, responsesPerSecond, isAlone: dns === 'alone' };
  }

  #samplesPerSecond(sides: readonly SideFigures[], now: number): number {
    return this.#interval
      ? perSecond(this.#interval, samplesOf(this.#interval.sides))
      : this.#samples.read(samplesOf(sides), now);
  }
}

/** In the last interval, where all is counted in the kernel until it is over. */
function perSecond({ length }: IntervalStatus, number: number): number {
  return length > 0 ? (number * 1e9) / length : 0;
}

function responsesIn({ dns }: IntervalStatus): number {
  return dns.reduce((sum, { figures }) => sum + figures.responses, 0);
}

/** As the tables count them: of what was held back, all that a report stands for. */
function samplesOf(sides: readonly Pick<SideFigures, 'samples'>[]): number {
  return sides.reduce((sum, { samples }) => sum + samples, 0);
}

function changedCapacity({ flows, timestamps }: Capacity): string[] {
  return [
    flows === DEFAULT_CAPACITY.flows ? [] : `--max-flows ${flows}`,
    timestamps === DEFAULT_CAPACITY.timestamps ? [] : `--max-timestamps ${timestamps}`,
  ].flat();
}

type AggregatesNotice = Extract<Notice, { readonly type: 'aggregates' }>;

const PART_NAMES: { readonly [by: string]: string } = {
  prefix: 'network',
  owner: 'owner',
  interface: 'interface',
};

function intervalStatusOf(
  { length, sides, dns = [] }: AggregatesNotice,
  by: string,
): IntervalStatus {
  return {
    length: Number(length),
    sides: sides.map(intervalSideOf),
    dns: dns.map(intervalDnsOf),
    what: PART_NAMES[by] ?? '',
  };
}

function intervalSideOf({ side, protocol, all, parts }: SideAggregates): IntervalSide {
  const others = parts.find(({ isOthers }) => isOthers);
  const { samples, rtt } = all;
  return { side, protocol, samples, rtt, parts: numberIn(parts), others: others?.samples ?? 0 };
}

function intervalDnsOf({ side, all, parts }: DnsSideAggregates): IntervalDns {
  const others = parts.find(({ isOthers }) => isOthers);
  const unroomed = others ? others.responses + others.unanswered : 0;
  return { side, figures: all, parts: numberIn(parts), others: unroomed };
}

function fills(occupancy: Occupancy, capacity: Capacity): MapFill[] {
  return [
    { name: 'flow', entries: occupancy.flows, maxEntries: capacity.flows },
    { name: 'timestamp', entries: occupancy.timestamps, maxEntries: capacity.timestamps },
  ];
}
