/** What a run adds up to: whatever is told of it, put together. */
import type { Counters } from '../core/counters.js';
import type { Protocol } from '../events/names.js';
import type { SeenAt } from '../events/places.js';
import type { DnsEvent, KernelEvent, OverdueEvent, RttEvent } from '../events/types.js';
import type { ProtocolWord } from '../sampling/protocols.js';
import type { AggregateFigures } from './aggregates.js';
import type { ByAnswer } from './by-answer.js';
import { BySide } from './by-side.js';
import { Coverage, type UnmeasuredHosts } from './coverage.js';
import { type Distribution, distributionOf } from './distribution.js';
import { type DnsFigures, DnsRecord } from './dns.js';
import type { DnsAggregateFigures } from './dns-aggregates.js';
import { Histogram } from './histogram.js';
import type { PathKind } from './path-kind.js';
import { Resolvers } from './resolvers.js';
import type { RouteChange } from './routes.js';
import type { Counted, DnsTotals, RunTotals, SideFigures } from './run-totals.js';
import { kindsOf, MOST_TOLD, SideRecord, type SideTerms, sideTotals } from './side-record.js';
import { type Side, sideOf } from './sides.js';

export interface TotalsOptions extends SideTerms {
  /** Where there may be RTTs of others than TCP. */
  readonly areProtocolsTold?: boolean;
  /** As in RunTotals. */
  readonly asked?: readonly ProtocolWord[] | undefined;
  /** Likewise. */
  readonly isDnsAlone?: boolean | undefined;
}

export class Totals {
  readonly #areProtocolsTold: boolean;
  readonly #asked: readonly ProtocolWord[] | undefined;
  readonly #isDnsAlone: boolean | undefined;
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
    this.#isDnsAlone = options.isDnsAlone;
    this.#sides = new BySide(this.#areProtocolsTold, () => new SideRecord(options));
  }

  accept(event: KernelEvent): void {
    if (event.type === 'rtt') this.#recordRtt(event);
    else if (event.type === 'overdue') this.#sideOf(event).acceptOverdue(event);
    else if (event.type === 'dns') this.#recordDns(event);
    else if (event.change === 'opening') this.#flows++;
    else this.#coverage.accept(event);
  }

  /** RTTs that the core has counted, and not told one by one. They are all of a side and protocol, put together. */
  acceptAggregated(figures: AggregateFigures): void {
    if (!figures.rtt) return;
    this.#sides.of(figures.side, figures.protocol).acceptAggregated(figures);
    this.#reported += figures.reported;
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
      isDnsAlone: this.#isDnsAlone,
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
    if (measured.length === 0 || this.#areProtocolsTold) return undefined;
    const all = new Histogram();
    for (const rtts of measured) all.add(rtts.all);
    return distributionOf(all);
  }

  /** Also where nothing has answered: that is the worst that there is to tell. */
  #measured() {
    return this.#sides.all().filter(({ value }) => value.samples > 0 || value.overdue > 0);
  }

  #recordDns(event: DnsEvent): void {
    this.#dns.accept(event);
    this.#resolvers.accept(event);
  }

  #dnsTotals({ dnsQuery }: Counters): DnsTotals | undefined {
    if (this.#dns.queries === 0 && dnsQuery === 0) return undefined;
    return { ...this.#dns.figures(), resolvers: this.#resolvers.ranking(MOST_TOLD) };
  }

  #recordRtt(event: RttEvent): void {
    this.#sideOf(event).accept(event);
    this.#reported++;
  }

  #sideOf(event: RttEvent | OverdueEvent): SideRecord {
    return this.#sides.of(sideOf(event), event.protocol);
  }
}
