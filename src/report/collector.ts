/** Takes in a run line by line and keeps what a report shows of it. */
import { count } from '../text/units.js';
import type { AggregateRun } from './aggregate-facts.js';
import { Aggregates } from './aggregates.js';
import { Flows } from './flows.js';
import { Losses } from './losses.js';
import { type MarkRecord, markOf } from './marks.js';
import { type PlaceCounts, Places } from './places.js';
import { Protocols } from './protocols.js';
import { QuicConnections } from './quic.js';
import {
  type IntervalRecord,
  parseRecord,
  type RttRecord,
  type RunRecord,
  type SummaryRecord,
} from './records.js';
import { Resolvers } from './resolvers.js';
import {
  addAt,
  type DnsFacts,
  type Mark,
  type PeerFacts,
  type PerSide,
  type PlaceFacts,
  type RecordedFacts,
  type RunFacts,
  type Samples,
} from './run-facts.js';
import { SampleStore } from './sample-store.js';
import { Successions } from './successions.js';
import { Wanted } from './wanted.js';

/** Of RTTs that were told one by one. */
export interface Collected {
  readonly facts: Omit<RunFacts, FromInputs>;
  readonly samples: Samples;
  /** Those with an RTT, each once though it may have some in both sides. */
  readonly flows: number;
  /** Each once though it may be seen at several places. */
  readonly peers: number;
}

/** Of RTTs that were counted together. */
export interface CollectedAggregates {
  readonly facts: Omit<AggregateRun['facts'], FromInputs>;
  readonly series: AggregateRun['series'];
}

/** What is not in their lines. */
type FromInputs = 'sources' | 'damage';

const NS_PER_MS = 1e6;

export class Collector {
  readonly #wanted: Wanted;
  readonly #store = new SampleStore();
  readonly #flows = new Flows();
  readonly #places = new Places();
  readonly #protocols = new Protocols();
  readonly #resolvers = new Resolvers();
  readonly #peers: PeerFacts[] = [];
  /** By place, and there by address. */
  readonly #peerIndices: Map<string, number>[] = [];
  readonly #marks: Mark[] = [];
  readonly #samples: PerSide = [0, 0, 0];
  readonly #flowCounts: PerSide = [0, 0, 0];
  readonly #losses = new Losses();
  readonly #quic = new QuicConnections();
  readonly #successions = new Successions();
  readonly #aggregates = new Aggregates();
  #flowCount = 0;
  #lines = 0;
  #skippedLines = 0;
  #hasIntervals = false;
  #isOfSummaries = false;
  #dnsAggregates = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  /** @param interfaceName what it takes is of this one; undefined: of all */
  constructor(interfaceName?: string) {
    this.#wanted = new Wanted(interfaceName);
  }

  take(line: string): void {
    const record = parseRecord(line);
    this.#lines++;
    if (!record) this.#skippedLines++;
    else if (this.#wanted.has(record)) this.#record(record);
    else if (record.type === 'aggregate' && record.interface === undefined)
      this.#aggregates.leaveOut(record);
  }

  /** What follows is of another file, perhaps of the same run. */
  nextInput(): void {
    this.#aggregates.nextInput();
  }

  /** A line that is none of pping's. */
  skip(): void {
    this.#lines++;
    this.#skippedLines++;
  }

  /** How many lines there were; of these, how many are of pping. */
  get lines(): number {
    return this.#lines;
  }

  get recorded(): number {
    return this.#lines - this.#skippedLines;
  }

  /** How many lines had an RTT. */
  get rtts(): number {
    return this.#store.count;
  }

  /** How many queries of DNS there were that are over. */
  get queries(): number {
    return this.#resolvers.queries;
  }

  /** RTTs that were counted together, and intervals in which they were. */
  get aggregated(): { readonly rtts: number; readonly intervals: number } {
    return { rtts: this.#aggregates.reported, intervals: this.#aggregates.intervals };
  }

  /** Whether there were figures of intervals, which are written instead of RTTs. */
  get hasIntervals(): boolean {
    return this.#hasIntervals;
  }

  /** Whether a summary told of RTTs: with --quiet it is all that is written. */
  get isOfSummaries(): boolean {
    return this.#isOfSummaries;
  }

  /** What it was to take and has not seen, though there is the same of others. */
  get missing(): string | undefined {
    return this.#wanted.missing;
  }

  finish(): Collected {
    const facts = {
      ...this.#recorded(this.#aggregates.remarksBesideRtts, this.#protocols),
      kind: 'rtts',
      places: this.#places.all.map((place) => this.#placeFacts(place)),
      rtts: this.rtts,
      samples: this.#samples,
      flows: this.#flowCounts,
      peers: this.#peers,
    } as const;
    const peers = new Set(this.#peers.map(({ address }) => address)).size;
    return { facts, samples: this.#store.sorted(), flows: this.#flowCount, peers };
  }

  finishAggregates(): CollectedAggregates {
    const { store, places, protocols, remarks } = this.#aggregates;
    const told = store.told;
    const facts = {
      ...this.#recorded(remarks, protocols),
      kind: 'aggregates',
      places: places.all.map(({ capture, interface: name }) => ({ capture, interface: name })),
      slotMs: store.width / NS_PER_MS,
      rowCounts: store.counts,
      rows: told.map(({ row }) => row),
    } as const;
    return { facts, series: [...store.sides, ...told.flatMap(({ series }) => series ?? [])] };
  }

  /** Where there is nothing but DNS. */
  finishDns(): Omit<DnsFacts, FromInputs> {
    return { ...this.#recorded(this.#aggregates.remarksBesideRtts, this.#protocols), kind: 'dns' };
  }

  #recorded(
    remarks: readonly string[],
    { all: protocols }: Protocols,
  ): Omit<RecordedFacts, FromInputs> {
    return {
      from: this.#from / NS_PER_MS,
      to: this.#to / NS_PER_MS,
      marks: this.#marks.sort((a, b) => a.time - b.time),
      lost: this.#losses.total,
      skippedLines: this.#skippedLines,
      remarks: [...this.#quic.remarks, ...remarks, ...dnsRemarks(this.#dnsAggregates)],
      protocols,
      resolvers: this.#resolvers.all,
    };
  }

  #placeFacts(place: PlaceCounts): PlaceFacts {
    return { ...place, lost: this.#losses.at(place.interface) };
  }

  #record(record: RunRecord): void {
    const from = record.type === 'aggregate' ? record.time - record.length : record.time;
    if (from < this.#from) this.#from = from;
    if (record.time > this.#to) this.#to = record.time;
    if (record.type === 'rtt') this.#rtt(record);
    else if (record.type === 'flow') record.isOpening && this.#flows.opening(record);
    else if (record.type === 'summary') this.#summary(record);
    else if (record.type === 'interval') this.#interval(record);
    else if (record.type === 'aggregate') this.#aggregates.take(record);
    else if (record.type === 'dns') this.#resolvers.take(record);
    else if (record.type !== 'overdue' && record.type !== 'interface') this.#mark(record);
  }

  #interval({ isDnsAggregate = false }: IntervalRecord): void {
    this.#hasIntervals = true;
    if (isDnsAggregate) this.#dnsAggregates++;
  }

  #rtt(record: RttRecord): void {
    const { samples } = record;
    const side = this.#protocols.sideOf(record);
    this.#aggregates.meetRtt();
    const at = this.#places.indexOf(record);
    const index = this.#peerIndex(record.peer, at);
    const peer = this.#peers[index] as PeerFacts;
    const place = this.#places.all[at] as PlaceCounts;
    const { isNew, isNewThere } = this.#flows.rtt(record);
    this.#store.add(record, side, index);
    for (const counts of [this.#samples, place.samples, peer.samples]) addAt(counts, side, samples);
    if (isNew) this.#flowCount++;
    if (!isNewThere) return;
    for (const counts of [this.#flowCounts, place.flows, peer.flows]) addAt(counts, side, 1);
  }

  #peerIndex(address: string, place: number): number {
    this.#peerIndices[place] ??= new Map();
    const indices = this.#peerIndices[place];
    const known = indices.get(address);
    if (known !== undefined) return known;
    const index = this.#peers.push({ address, place, samples: [0, 0, 0], flows: [0, 0, 0] }) - 1;
    indices.set(address, index);
    return index;
  }

  #mark(record: MarkRecord): void {
    if (record.type === 'loss') this.#losses.loss(record);
    this.#marks.push(markOf(record));
  }

  #summary(record: SummaryRecord): void {
    if (record.samples > 0) this.#isOfSummaries = true;
    const isOfNextRun = this.#successions.isOfNextRun(record);
    for (const each of [this.#losses, this.#quic]) {
      if (isOfNextRun) each.endRun(record.interface);
      each.summary(record);
    }
    if (!record.isFinal) return;
    this.#flows.endRun(record.interface);
    this.#aggregates.endRun();
  }
}

function dnsRemarks(aggregates: number): string[] {
  if (aggregates === 0) return [];
  const what = `${count(aggregates, 'DNS aggregate')} ${aggregates === 1 ? 'is' : 'are'}`;
  return [`${what} not in this report: it has only queries recorded one by one, as with --events.`];
}
