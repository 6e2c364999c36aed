/** Takes in a run line by line and keeps what a report shows of it. */
import { Flows } from './flows.js';
import { governorText, lossText, routeText, visibilityText } from './mark-text.js';
import { parseRecord, type RttRecord, type RunRecord, type SummaryRecord } from './records.js';
import type { LossFacts, Mark, PeerFacts, PerSide, RunFacts, Samples } from './run-facts.js';
import { SampleStore } from './sample-store.js';

export interface Collected {
  readonly facts: Omit<RunFacts, 'sources' | 'damage'>;
  readonly samples: Samples;
  /** Those with an RTT, each once though it may have some in both sides. */
  readonly flows: number;
}

const NS_PER_MS = 1e6;

export class Collector {
  readonly #store = new SampleStore();
  readonly #flows = new Flows();
  readonly #peers: PeerFacts[] = [];
  readonly #peerIndices = new Map<string, number>();
  readonly #interfaces = new Set<string>();
  readonly #marks: Mark[] = [];
  readonly #samples: PerSide = [0, 0, 0];
  readonly #flowCounts: PerSide = [0, 0, 0];
  readonly #dropped = new DroppedLines();
  #flowCount = 0;
  #lostRtts = 0;
  #lostFlowEvents = 0;
  #lines = 0;
  #skippedLines = 0;
  #hasIntervals = false;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  take(line: string): void {
    const record = parseRecord(line);
    this.#lines++;
    if (record) this.#record(record);
    else this.#skippedLines++;
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

  finish(): Collected {
    const facts = {
      interfaces: [...this.#interfaces],
      from: this.#from / NS_PER_MS,
      to: this.#to / NS_PER_MS,
      rtts: this.rtts,
      samples: this.#samples,
      flows: this.#flowCounts,
      peers: this.#peers,
      marks: this.#marks.sort((a, b) => a.time - b.time),
      lost: this.#lost(),
      skippedLines: this.#skippedLines,
    };
    return { facts, samples: this.#store.sorted(), flows: this.#flowCount };
  }

  #lost(): LossFacts {
    return {
      rtts: this.#lostRtts,
      flowEvents: this.#lostFlowEvents,
      lines: this.#dropped.total,
    };
  }

  #record(record: RunRecord): void {
    if (record.time < this.#from) this.#from = record.time;
    if (record.time > this.#to) this.#to = record.time;
    if (record.interface !== undefined) this.#interfaces.add(record.interface);
    if (record.type === 'rtt') this.#rtt(record);
    else if (record.type === 'flow') record.isOpening && this.#flows.opening(record);
    else if (record.type === 'summary') this.#summary(record);
    else if (record.type === 'interval') this.#hasIntervals = true;
    else if (record.type !== 'overdue') this.#mark(record);
  }

  #rtt(record: RttRecord): void {
    const { side, samples } = record;
    const index = this.#peerIndex(record.peer);
    const peer = this.#peers[index] as PeerFacts;
    const { isNew, isNewThere } = this.#flows.rtt(record);
    this.#store.add(record, index);
    this.#samples[side] += samples;
    peer.samples[side] += samples;
    if (isNew) this.#flowCount++;
    if (!isNewThere) return;
    this.#flowCounts[side]++;
    peer.flows[side]++;
  }

  #peerIndex(address: string): number {
    const known = this.#peerIndices.get(address);
    if (known !== undefined) return known;
    const index = this.#peers.push({ address, samples: [0, 0, 0], flows: [0, 0, 0] }) - 1;
    this.#peerIndices.set(address, index);
    return index;
  }

  #mark(record: Extract<RunRecord, { type: Mark['kind'] }>): void {
    const time = record.time / NS_PER_MS;
    if (record.type === 'governor') {
      this.#marks.push({ kind: 'governor', time, text: governorText(record) });
      return;
    }
    if (record.type === 'visibility') {
      this.#marks.push({ kind: 'visibility', time, text: visibilityText(record) });
      return;
    }
    if (record.type === 'route') {
      const since = record.since / NS_PER_MS;
      this.#marks.push({ kind: 'route', time: since, text: routeText(record) });
      return;
    }
    this.#lostRtts += record.lostRtts;
    this.#lostFlowEvents += record.lostFlowEvents;
    this.#marks.push({ kind: 'loss', time, text: lossText(record) });
  }

  #summary(record: SummaryRecord): void {
    this.#dropped.summary(record);
    if (record.isFinal) this.#flows.endRun(record.interface);
  }
}

/** A summary counts since the start of its run, and a file may have several runs. */
class DroppedLines {
  #ended = 0;
  readonly #running = new Map<string | undefined, number>();

  get total(): number {
    return [...this.#running.values()].reduce((sum, lines) => sum + lines, this.#ended);
  }

  summary({ interface: name, droppedLines, isFinal }: SummaryRecord): void {
    this.#running.set(name, droppedLines);
    if (!isFinal) return;
    this.#ended += droppedLines;
    this.#running.delete(name);
  }
}
