/** Takes in a run line by line and keeps what a report shows of it. */
import { Flows } from './flows.js';
import { Losses } from './losses.js';
import { type MarkRecord, markOf } from './marks.js';
import { type PlaceCounts, Places } from './places.js';
import { parseRecord, type RttRecord, type RunRecord, type SummaryRecord } from './records.js';
import type { Mark, PeerFacts, PerSide, PlaceFacts, RunFacts, Samples } from './run-facts.js';
import { SampleStore } from './sample-store.js';
import { Wanted } from './wanted.js';

export interface Collected {
  readonly facts: Omit<RunFacts, 'sources' | 'damage'>;
  readonly samples: Samples;
  /** Those with an RTT, each once though it may have some in both sides. */
  readonly flows: number;
  /** Each once though it may be seen at several places. */
  readonly peers: number;
}

const NS_PER_MS = 1e6;

export class Collector {
  readonly #wanted: Wanted;
  readonly #store = new SampleStore();
  readonly #flows = new Flows();
  readonly #places = new Places();
  readonly #peers: PeerFacts[] = [];
  /** By place, and there by address. */
  readonly #peerIndices: Map<string, number>[] = [];
  readonly #marks: Mark[] = [];
  readonly #samples: PerSide = [0, 0, 0];
  readonly #flowCounts: PerSide = [0, 0, 0];
  readonly #losses = new Losses();
  #flowCount = 0;
  #lines = 0;
  #skippedLines = 0;
  #hasIntervals = false;
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

  /** Whether there were figures of intervals, which are written instead of RTTs. */
  get hasIntervals(): boolean {
    return this.#hasIntervals;
  }

  /** What it was to take and has not seen, though there is the same of others. */
  get missing(): string | undefined {
    return this.#wanted.missing;
  }

  finish(): Collected {
    const facts = {
      places: this.#places.all.map((place) => this.#placeFacts(place)),
      from: this.#from / NS_PER_MS,
      to: this.#to / NS_PER_MS,
      rtts: this.rtts,
      samples: this.#samples,
      flows: this.#flowCounts,
      peers: this.#peers,
      marks: this.#marks.sort((a, b) => a.time - b.time),
      lost: this.#losses.total,
      skippedLines: this.#skippedLines,
    };
    const peers = new Set(this.#peers.map(({ address }) => address)).size;
    return { facts, samples: this.#store.sorted(), flows: this.#flowCount, peers };
  }

  #placeFacts(place: PlaceCounts): PlaceFacts {
    return { ...place, lost: this.#losses.at(place.interface) };
  }

  #record(record: RunRecord): void {
    if (record.time < this.#from) this.#from = record.time;
    if (record.time > this.#to) this.#to = record.time;
    if (record.type === 'rtt') this.#rtt(record);
    else if (record.type === 'flow') record.isOpening && this.#flows.opening(record);
    else if (record.type === 'summary') this.#summary(record);
    else if (record.type === 'interval') this.#hasIntervals = true;
    else if (record.type !== 'overdue') this.#mark(record);
  }

  #rtt(record: RttRecord): void {
    const { side, samples } = record;
    const at = this.#places.indexOf(record);
    const index = this.#peerIndex(record.peer, at);
    const peer = this.#peers[index] as PeerFacts;
    const place = this.#places.all[at] as PlaceCounts;
    const { isNew, isNewThere } = this.#flows.rtt(record);
    this.#store.add(record, index);
    for (const counts of [this.#samples, place.samples, peer.samples]) counts[side] += samples;
    if (isNew) this.#flowCount++;
    if (!isNewThere) return;
    for (const counts of [this.#flowCounts, place.flows, peer.flows]) counts[side]++;
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
    this.#losses.summary(record);
    if (record.isFinal) this.#flows.endRun(record.interface);
  }
}
