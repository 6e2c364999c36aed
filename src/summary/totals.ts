/** What a run adds up to. */

import type { AttributionGaps } from '../attribution/gaps.js';
import type { AttributionOf } from '../attribution/owner.js';
import type { Counters } from '../core/counters.js';
import type { QuicConnections } from '../core/quic-connections.js';
import type { SelfCost } from '../core/self-cost.js';
import type { Protocol } from '../events/names.js';
import type { SeenAt, SeenAtOf } from '../events/places.js';
import {
  ANSWERS,
  type Answer,
  type DnsEvent,
  type KernelEvent,
  type OverdueEvent,
  type RttEvent,
} from '../events/types.js';
import type { Occupancy } from '../sampling/governor.js';
import type { Capacity } from '../sampling/policy.js';
import type { ProtocolWord } from '../sampling/protocols.js';
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { Sighting } from '../visibility/sightings.js';
import type { AggregateFigures } from './aggregates.js';
import { recordBuckets } from './buckets.js';
import { ByAnswer } from './by-answer.js';
import { BySide, type SideKey } from './by-side.js';
import { Coverage, type Uncovered, type UnmeasuredHosts } from './coverage.js';
import { type Distribution, distributionOf } from './distribution.js';
import { type DnsFigures, DnsRecord } from './dns.js';
import type { DnsAggregateFigures } from './dns-aggregates.js';
import type { GroupTotals, Ranking } from './groups.js';
import { Histogram } from './histogram.js';
import { type OwnerLabel, Owners } from './owners.js';
import { areBothThere, type PathKind } from './path-kind.js';
import { type Peer, Peers } from './peers.js';
import { type ResolverRanking, Resolvers } from './resolvers.js';
import { type RouteChange, Routes } from './routes.js';
import { BySeenAt } from './seen-at.js';
import { type Side, sideOf } from './sides.js';
import { LEAST_WINDOW } from './windowed-least.js';

/** What others have counted. */
export interface Counted {
  readonly counters: Counters;
  /** Identifiers that the last sweep left. */
  readonly waiting: number;
  /** In the maps, after the last sweep. */
  readonly occupancy: Occupancy;
  readonly capacity: Capacity;
  /** Connections of QUIC: those that are over, and those that the last sweep has left. */
  readonly quic?: QuicConnections | undefined;
  readonly droppedLines: number;
  readonly undecodable: number;
  readonly selfCost?: SelfCost | undefined;
  /** Who or what has kept packets from pping. */
  readonly sightings?: readonly Sighting[] | undefined;
  /** What was seen at each interface, where there are several. */
  readonly interfaces?: readonly InterfaceTally[] | undefined;
  /** Undefined where it was not asked whose connections are. */
  readonly attributionGaps?: AttributionGaps | undefined;
}

/** A host with what was measured of it, and what was not; that is undefined where all was. */
export type MeasuredPeer = Peer & GroupTotals & { readonly uncovered?: Uncovered | undefined };

/** RTTs of one kind. */
export interface Reported {
  /** Without what is overdue. */
  readonly reported: number;
  readonly rtt: Distribution;
}

/** RTTs by which of them tell the path. */
export interface KindTotals extends Reported {
  readonly kind: PathKind;
}

/** Of one place where connections were seen, the RTTs that tell its path best. */
export interface PlaceTotals extends KindTotals {
  /** Undefined of those without a name, and of those beyond the most that are told. */
  readonly seenAt: SeenAt | undefined;
}

/** What was measured on one side of the interface; and of one protocol, where there may be several. */
export interface SideTotals extends SideKey {
  readonly samples: number;
  /**
   * Data without an answer, in `all`, `path` and `histogram` with the time that it has waited for: its
   * RTT is at least that.
   */
  readonly overdue: number;
  readonly all: Reported;
  /** Of the RTTs that tell it best, as is `histogram`. */
  readonly path: KindTotals;
  /** Of kernels' answers and of those with data, where there are both, but for the kind of `path`. */
  readonly beside: readonly KindTotals[];
  /** Of each place; empty where they are all of one. What is overdue is included, as in `path`. */
  readonly places: readonly PlaceTotals[];
  /** Those that there are any of. */
  readonly answers: ReadonlyMap<Answer, Reported>;
  readonly histogram: Histogram;
  readonly peers: Ranking<Peer & Pick<MeasuredPeer, 'uncovered'>>;
  /** Undefined where they are not told. */
  readonly owners: Ranking<OwnerLabel> | undefined;
}

export type SideFigures = Pick<SideTotals, 'side' | 'protocol' | 'samples' | 'path' | 'beside'>;

/** What resolvers have answered, and what not, as far as it was told. In no figure of RTTs. */
export interface DnsTotals extends DnsFigures {
  /** Of none where queries are counted in the core, and not told one by one. */
  readonly resolvers: ResolverRanking;
}

/** All durations in nanoseconds. */
export interface RunTotals extends Counted {
  /** Those held back by --report-interval included. */
  readonly samples: number;
  /** RTTs that were reported, each for one sample or more. */
  readonly reported: number;
  /** Flows seen in both directions. */
  readonly flows: number;
  /** Of the reported RTTs of all sides; undefined where there is none, and where there may be several protocols. */
  readonly rtt: Distribution | undefined;
  /** Whether there is one of each protocol. */
  readonly areProtocolsTold?: boolean | undefined;
  /** What is measured, as --protocol has it; undefined where a filter has chosen hosts or ports, too. */
  readonly asked?: readonly ProtocolWord[] | undefined;
  /** Undefined where no query of DNS was seen. */
  readonly dns?: DnsTotals | undefined;
  /** Those where anything was measured. */
  readonly sides: readonly SideTotals[];
  /** Hosts without any RTT; undefined where there are none. */
  readonly unmeasuredHosts?: UnmeasuredHosts | undefined;
}

/** Of peers, of owners, and of resolvers. */
const MOST_TOLD = 10;

export interface TotalsOptions {
  /** For a table of owners; undefined where there is to be none. */
  readonly attributionOf?: AttributionOf | undefined;
  /** How far back the least looks that queueing is beyond, in ns; 0: to the start. */
  readonly window?: number;
  /** Where there may be several places; undefined where there is but one. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** False where hosts of a network are told alike: the least RTT of all of them is no host's route. */
  readonly hasRoutes?: boolean;
  /** Where there may be RTTs of others than TCP. */
  readonly areProtocolsTold?: boolean;
  /** As in RunTotals. */
  readonly asked?: readonly ProtocolWord[] | undefined;
}

class SideRecord {
  readonly rtts = new ByAnswer(undefined, true);
  /** Without a window there is no telling. */
  readonly routes: Routes | undefined;
  readonly peers: Peers;
  readonly owners: Owners | undefined;
  readonly places: BySeenAt | undefined;
  samples = 0;
  overdue = 0;

  constructor(options: TotalsOptions) {
    const { attributionOf, window = LEAST_WINDOW, seenAtOf, hasRoutes = true } = options;
    this.routes = hasRoutes && window > 0 ? new Routes(window) : undefined;
    this.peers = new Peers({
      window,
      routes: this.routes,
      areFlowsPaired: seenAtOf !== undefined,
    });
    this.owners = attributionOf && new Owners(attributionOf, { window });
    this.places = seenAtOf && new BySeenAt(seenAtOf, this.rtts);
  }
}

export class Totals {
  readonly #areProtocolsTold: boolean;
  readonly #asked: readonly ProtocolWord[] | undefined;
  readonly #sides: BySide<SideRecord>;
  readonly #coverage = new Coverage();
  readonly #dns = new DnsRecord();
  readonly #resolvers = new Resolvers();
  #reported = 0;
  #flows = 0;
  /** Whether the core has counted RTTs: then hosts with RTTs are not known. */
  #areCounted = false;

  constructor(options: TotalsOptions = {}) {
    this.#areProtocolsTold = options.areProtocolsTold ?? false;
    this.#asked = options.asked;
    this.#sides = new BySide(this.#areProtocolsTold, () => new SideRecord(options));
  }

  accept(event: KernelEvent): void {
    if (event.type === 'rtt') this.#recordRtt(event);
    else if (event.type === 'overdue') this.#recordOverdue(event);
    else if (event.type === 'dns') this.#recordDns(event);
    else if (event.change === 'opening') this.#flows++;
    else this.#coverage.accept(event);
  }

  /** RTTs that the core has counted, and not told one by one. They are all of a side and protocol, put together. */
  acceptAggregated(figures: AggregateFigures): void {
    const { samples, reported, rtt, buckets } = figures;
    if (!rtt) return;
    const side = this.#sides.of(figures.side, figures.protocol);
    const counted = { reported, buckets, least: rtt.min, most: rtt.max };
    side.samples += samples;
    side.rtts.recordCounted((into) => recordBuckets(into, counted));
    this.#reported += reported;
    this.#areCounted = true;
  }

  /** The same of response times of DNS, of one side. */
  acceptAggregatedDns(figures: DnsAggregateFigures): void {
    this.#dns.acceptAggregated(figures);
  }

  /** The attribution of this flow has become known, or has changed: its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    for (const { value } of this.#sides.all()) value.owners?.refresh(flowId);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    for (const { value } of this.#sides.all()) value.places?.refreshAll();
  }

  /** Of all sides, since the last time. */
  takeRouteChanges(): RouteChange[] {
    return this.#sides.all().flatMap(({ protocol, value: { routes } }) => {
      const changes = routes?.take() ?? [];
      return changes.map((change) => ({ ...change, protocol }));
    });
  }

  /** Which RTTs of a side tell the path best, until now. @param protocol undefined where they are not told apart */
  kindOf(side: Side, protocol?: Protocol): PathKind {
    return this.#sides.get(side, protocol)?.rtts.kindWith() ?? 'all';
  }

  /** The same of one host. @param key as of peerKey() */
  peerKindOf(side: Side, key: string, protocol?: Protocol): PathKind {
    return this.#sides.get(side, protocol)?.peers.kindOf(key) ?? 'all';
  }

  /** The same of one place. */
  placeKindOf(side: Side, seenAt: SeenAt | undefined, protocol?: Protocol): PathKind {
    return this.#sides.get(side, protocol)?.places?.kindOf(seenAt) ?? 'all';
  }

  get samples(): number {
    return this.#sides.all().reduce((sum, { value }) => sum + value.samples, 0);
  }

  get reported(): number {
    return this.#reported;
  }

  /** Of RTTs and of response times of DNS: what -c counts. */
  get told(): number {
    return this.#reported + this.#dns.times.total;
  }

  get flows(): number {
    return this.#flows;
  }

  /** What resolvers have answered, and what not; costs little to know. */
  dnsFigures(): DnsFigures {
    return this.#dns.figures();
  }

  /** Of each side where anything was measured, what costs little to know. */
  distributions(): SideFigures[] {
    return this.#measured().map(({ side, protocol, value: { samples, rtts } }) => {
      return { side, protocol, samples, ...kindsOf(rtts) };
    });
  }

  /** Until now. */
  with(counted: Counted): RunTotals {
    const measured = this.#measured();
    return {
      ...counted,
      samples: this.samples,
      reported: this.#reported,
      flows: this.#flows,
      rtt: this.#distribution(measured.map(({ value }) => value.rtts)),
      dns: this.#dnsTotals(counted.counters),
      areProtocolsTold: this.#areProtocolsTold || undefined,
      asked: this.#asked,
      sides: measured.map(({ value, ...key }) => sideTotals(key, value, this.#coverage)),
      unmeasuredHosts: this.#unmeasuredHosts(),
    };
  }

  #unmeasuredHosts(): UnmeasuredHosts | undefined {
    if (this.#areCounted) return undefined;
    const sides = this.#sides.all();
    return this.#coverage.unmeasured((key) => sides.some(({ value }) => value.peers.has(key)));
  }

  #distribution(measured: readonly ByAnswer[]): Distribution | undefined {
    if (this.#reported === 0 || this.#areProtocolsTold) return undefined;
    const all = new Histogram();
    for (const rtts of measured) all.add(rtts.all);
    return distributionOf(all);
  }

  #measured() {
    return this.#sides.all().filter(({ value }) => value.samples > 0);
  }

  #recordDns(event: DnsEvent): void {
    this.#dns.accept(event);
    this.#resolvers.accept(event);
  }

  #dnsTotals({ dnsQuery }: Counters): DnsTotals | undefined {
    if (this.#dns.queries === 0 && dnsQuery === 0) return undefined;
    return { ...this.#dns.figures(), resolvers: this.#resolvers.ranking(MOST_TOLD) };
  }

  /** Left out, the longest waits would make the percentiles look better. */
  #recordOverdue(event: OverdueEvent): void {
    const side = this.#sides.of(sideOf(event), event.protocol);
    side.overdue++;
    side.places?.recordOverdue(event.place, event.waited);
    side.rtts.recordOverdue(event.waited);
  }

  #recordRtt(event: RttEvent): void {
    const side = this.#sides.of(sideOf(event), event.protocol);
    const { rtt } = event;
    side.samples += event.samples;
    const pairs = side.peers.record(event, rtt);
    // A host's RTTs at two places are no pair: of a connection they are of one.
    side.places?.record(event, rtt, pairs.ofFlow);
    side.rtts.record(rtt, event.answer, pairs.ofGroup);
    side.owners?.record(event, rtt, pairs.ofGroup);
    this.#reported++;
  }
}

function sideTotals(key: SideKey, record: SideRecord, coverage: Coverage): SideTotals {
  const { samples, overdue, rtts } = record;
  const { all } = rtts;
  const ranking = record.peers.ranking(MOST_TOLD);
  const worst = ranking.worst.map((peer) => ({
    ...peer,
    uncovered: coverage.of(peer, key.protocol),
  }));
  const answers = ANSWERS.filter((answer) => rtts.of(answer).total > 0);
  return {
    ...key,
    samples,
    overdue,
    all: { reported: all.total - overdue, rtt: distributionOf(all) },
    ...kindsOf(rtts),
    places: placesOf(record),
    answers: new Map(answers.map((answer) => [answer, reportedOf(rtts.of(answer))])),
    histogram: rtts.path.histogram,
    peers: { ...ranking, worst },
    owners: record.owners?.ranking(MOST_TOLD),
  };
}

/** Also of one where all is overdue. */
function placesOf({ places }: SideRecord): PlaceTotals[] {
  const told = places?.all() ?? [];
  return told.map(({ seenAt, rtts }) => {
    const { kind, histogram } = rtts.path;
    return { seenAt, kind, ...reportedOf(histogram) };
  });
}

function kindsOf(rtts: ByAnswer): Pick<SideTotals, 'path' | 'beside'> {
  const { kind, histogram } = rtts.path;
  const kernel = reportedOf(rtts.kernel);
  const data = reportedOf(rtts.of('data'));
  const reported = {
    all: kernel.reported + data.reported,
    kernel: kernel.reported,
    data: data.reported,
  };
  const path = { kind, reported: reported[kind], rtt: distributionOf(histogram) };
  if (!areBothThere({ kernel: kernel.reported, data: data.reported })) return { path, beside: [] };
  const both = [
    { kind: 'kernel', ...kernel },
    { kind: 'data', ...data },
  ] as const;
  return { path, beside: both.filter((each) => each.kind !== kind) };
}

function reportedOf(rtts: Histogram): Reported {
  return { reported: rtts.total, rtt: distributionOf(rtts) };
}
