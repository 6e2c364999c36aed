/** What the live view shows a line of: hosts, flows, and owners. */

import { labelOf } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { PerFlow } from '../events/per-flow.js';
import { timeOf } from '../events/time.js';
import type { FlowEvent, KernelEvent, RttEvent } from '../events/types.js';
import type { Leasts } from '../summary/by-answer.js';
import { Coverage } from '../summary/coverage.js';
import type { Peer } from '../summary/peers.js';
import { type Memorable, Remembered } from '../summary/recently-used.js';
import { FlowProgress, Resent } from '../summary/resent.js';
import { type Side, sideOf } from '../summary/sides.js';
import { LEAST_WINDOW, WindowedLeast } from '../summary/windowed-least.js';
import { addressText, endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostEndpointText, hostText } from '../text/host.js';
import { Recent } from './recent.js';
import { Sparkline } from './sparkline.js';

export type RowKind = 'peers' | 'flows' | 'owners';

/** More than anyone scrolls through. */
const MOST_ROWS = 2_048;
/** For so long one looks back at flows that have ended. */
const CLOSED_NS = 60_000_000_000;

/** A row as it was at a time; durations in nanoseconds. */
export interface RowLook {
  readonly name: string;
  /** Of which there may be a row for each side or direction: the flow, the host, the owner. */
  readonly subject: string;
  readonly side: Side;
  readonly isClosed: boolean;
  readonly last: number;
  /** Of the last window: what queueing is beyond. */
  readonly least: number;
  /** Of the last seconds it was heard of, as are the next two. */
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
  readonly samples: number;
  /** The share of bytes that were sent again, ever; undefined where there were few. */
  readonly resent: number | undefined;
  /** Of a host, the share of bytes in flows with RTTs to it; undefined where that is all of them. */
  readonly measured: number | undefined;
  /** Since the last RTT. */
  readonly age: number;
  readonly lastMinute: string;
}

class Row implements Memorable {
  recent = new Recent();
  readonly lastMinute = new Sparkline();
  resent = new Resent();
  samples = 0;
  path: WindowedLeast;
  /** Of RTTs answered with data. */
  dataPath: WindowedLeast;
  last = 0;
  /** Nanoseconds on the events' clock, as is `now` everywhere here. */
  lastSeen = 0;
  /** A flow that has come to its end. */
  isClosed = false;
  touched = 0;
  isForgotten = true;

  constructor(
    readonly key: string,
    readonly name: string,
    readonly side: Side,
    readonly window: number,
    /** As of RowLook. */
    readonly subject = name,
    /** Where it is a host. */
    readonly peer?: Peer,
    /** What it is called by now, where that may change. */
    readonly called = () => name,
  ) {
    this.path = new WindowedLeast(window);
    this.dataPath = new WindowedLeast(window);
  }

  release(): void {
    this.recent = new Recent();
    this.resent = new Resent();
    this.samples = 0;
    this.path = new WindowedLeast(this.window);
    this.dataPath = new WindowedLeast(this.window);
  }

  get leasts(): Leasts {
    return { ofAll: this.path.value, ofData: this.dataPath.value };
  }

  accept(event: RttEvent, now: number): void {
    const { rtt, intervalMinRtt } = event;
    this.samples += event.samples;
    const least = Math.min(rtt, intervalMinRtt);
    this.path.record(least, now);
    if (event.answer === 'data') this.dataPath.record(least, now);
    this.last = rtt;
    this.lastSeen = now;
    this.recent.record(rtt, event.answer, now);
    this.lastMinute.record(rtt, now);
  }
}

/** A flow, in one direction, and where it is shown. */
interface Member {
  readonly row: Row;
  readonly progress: FlowProgress;
}

export interface RowsParts {
  /** Undefined where owners are not shown. */
  readonly attributionOf?: AttributionOf | undefined;
  /** Undefined where hosts are shown by their addresses. */
  readonly names?: HostNames | undefined;
  /** How far back the least looks, in ns; 0: to the start. */
  readonly window?: number | undefined;
}

export class Rows {
  readonly #rows: Record<RowKind, Remembered<Row>> = {
    peers: new Remembered(MOST_ROWS),
    flows: new Remembered(MOST_ROWS),
    owners: new Remembered(MOST_ROWS),
  };
  readonly #coverage = new Coverage();
  readonly #peerOf = perFlow((event) => this.#meet(event));
  readonly #flowOf = perFlow((event) => this.#meetFlow(event));
  readonly #window: number;
  readonly #names: HostNames | undefined;

  /** Undefined where owners are not shown. */
  readonly #ownerOf: PerFlow<Member> | undefined;

  constructor({ attributionOf, names, window = LEAST_WINDOW }: RowsParts = {}) {
    this.#window = window;
    this.#names = names;
    if (!attributionOf) return;
    this.#ownerOf = perFlow((event) => this.#meetOwner(event, attributionOf));
  }

  accept(event: KernelEvent): void {
    if (event.type === 'flow') this.#acceptFlow(event);
    else if (event.type === 'rtt') this.#acceptRtt(event);
  }

  #acceptRtt(event: RttEvent): void {
    const now = timeOf(event);
    const { peers, flows, owners } = this.#rows;
    record(event, now, this.#peerOf, peers);
    record(event, now, this.#flowOf, flows);
    if (this.#ownerOf) record(event, now, this.#ownerOf, owners);
  }

  /** The attribution of this flow has become known, or has changed: its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    this.#ownerOf?.forget(flowId);
  }

  /** As they are at `now`; flows that have ended for a while only. */
  look(kind: RowKind, now: number): readonly RowLook[] {
    const isOver = (row: Row) => row.isClosed && now - row.lastSeen > CLOSED_NS;
    return this.#rows[kind]
      .values()
      .filter((row) => !isOver(row))
      .map((row) => lookOf(row, now, this.#coverage));
  }

  #acceptFlow(event: FlowEvent): void {
    this.#coverage.accept(event);
    this.#close(event);
  }

  /** Both directions. */
  #close(event: FlowEvent): void {
    if (event.change !== 'closing') return;
    for (const name of flowNames(event)) {
      const row = this.#rows.flows.get(flowKey(event.flowId, name));
      if (row) row.isClosed = true;
    }
  }

  #meet(event: RttEvent): Row {
    const side = sideOf(event);
    const name = addressText(event.srcAddress, event.ipVersion);
    const key = `${side} ${name}`;
    const { srcAddress: address, ipVersion } = event;
    const called = this.#names && (() => hostText(address, ipVersion, this.#names));
    return (
      this.#rows.peers.get(key) ??
      new Row(key, name, side, this.#window, name, { address, ipVersion }, called)
    );
  }

  #meetFlow(event: RttEvent): Row {
    const [name] = flowNames(event);
    const { flowId } = event;
    const key = flowKey(flowId, name);
    const called = this.#names && calledBy(event, this.#names);
    return new Row(key, name, sideOf(event), this.#window, String(flowId), undefined, called);
  }

  #meetOwner(event: RttEvent, attributionOf: AttributionOf): Row {
    const side = sideOf(event);
    const label = labelOf(attributionOf(event));
    const key = `${side} ${label}`;
    return this.#rows.owners.get(key) ?? new Row(key, asciiText(label), side, this.#window);
  }
}

function perFlow(rowOf: (event: RttEvent) => Row): PerFlow<Member> {
  return new PerFlow<Member>((event, before) => ({
    row: rowOf(event as RttEvent),
    progress: before?.progress ?? new FlowProgress(),
  }));
}

function record(event: RttEvent, now: number, members: PerFlow<Member>, rows: Remembered<Row>) {
  const { row, progress } = members.of(event);
  const shown = rows.touch(row);
  shown.accept(event, now);
  progress.advance(event, shown.resent);
}

/** Until the last RTT, and of what was without. */
function measuredShare({ peer, resent }: Row, coverage: Coverage): number | undefined {
  const uncovered = peer && coverage.of(peer);
  if (!uncovered || uncovered.bytes === 0) return undefined;
  return resent.bytes / (resent.bytes + uncovered.bytes);
}

function lookOf(row: Row, now: number, coverage: Coverage): RowLook {
  const { subject, side, isClosed, last, samples } = row;
  const name = row.called();
  const least = row.path.value;
  const times = { last, least, ...row.recent.usual(row.leasts) };
  const resent = row.resent.share;
  const age = Math.max(0, now - row.lastSeen);
  const lastMinute = row.lastMinute.text(now);
  const measured = measuredShare(row, coverage);
  return { name, subject, side, isClosed, ...times, samples, resent, measured, age, lastMinute };
}

/** As it is seen in the event, and the other way. */
function flowNames({ srcAddress, srcPort, destAddress, destPort, ipVersion }: KernelEvent) {
  const src = endpointText(srcAddress, srcPort, ipVersion);
  const dest = endpointText(destAddress, destPort, ipVersion);
  return [`${src}+${dest}`, `${dest}+${src}`] as const;
}

/** The event itself is another one soon. */
function calledBy(event: RttEvent, names: HostNames): () => string {
  const { srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
  return () => {
    const src = hostEndpointText(srcAddress, srcPort, ipVersion, names);
    return `${src}+${hostEndpointText(destAddress, destPort, ipVersion, names)}`;
  };
}

/** Both directions may be on the same side of the interface, as on lo. */
function flowKey(flowId: number, name: string): string {
  return `${flowId} ${name}`;
}
