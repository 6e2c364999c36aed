/** What the live view shows a line of: hosts, flows, and owners. */

import { labelOf } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { PerFlow } from '../events/per-flow.js';
import type { FlowEvent, KernelEvent, RttEvent } from '../events/types.js';
import { type Memorable, Remembered } from '../summary/recently-used.js';
import { type Side, sideOf } from '../summary/sides.js';
import { addressText, endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
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
  readonly side: Side;
  readonly isClosed: boolean;
  readonly last: number;
  /** Ever. */
  readonly least: number;
  /** Of the last seconds it was heard of, as are the next two. */
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
  readonly samples: number;
  /** Since the last RTT. */
  readonly age: number;
  readonly lastMinute: string;
}

class Row implements Memorable {
  recent = new Recent();
  readonly lastMinute = new Sparkline();
  samples = 0;
  least = Number.POSITIVE_INFINITY;
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
  ) {}

  release(): void {
    this.recent = new Recent();
    this.samples = 0;
    this.least = Number.POSITIVE_INFINITY;
  }

  accept(event: RttEvent, now: number): void {
    const { rtt, intervalMinRtt } = event;
    this.samples += event.samples;
    this.least = Math.min(this.least, rtt, intervalMinRtt);
    this.last = rtt;
    this.lastSeen = now;
    this.recent.record(rtt, now);
    this.lastMinute.record(rtt, now);
  }
}

export class Rows {
  readonly #rows: Record<RowKind, Remembered<Row>> = {
    peers: new Remembered(MOST_ROWS),
    flows: new Remembered(MOST_ROWS),
    owners: new Remembered(MOST_ROWS),
  };
  readonly #peerOf = new PerFlow((event) => this.#meet(event as RttEvent));
  readonly #flowOf = new PerFlow((event) => flowRow(event as RttEvent));

  /** Undefined where owners are not shown. */
  readonly #ownerOf: PerFlow<Row> | undefined;

  constructor(attributionOf?: AttributionOf) {
    if (!attributionOf) return;
    this.#ownerOf = new PerFlow((event) => this.#meetOwner(event as RttEvent, attributionOf));
  }

  accept(event: KernelEvent): void {
    if (event.type === 'flow') this.#close(event);
    else if (event.type === 'rtt') this.#acceptRtt(event);
  }

  #acceptRtt(event: RttEvent): void {
    const now = Number(event.timestamp);
    const { peers, flows, owners } = this.#rows;
    peers.touch(this.#peerOf.of(event)).accept(event, now);
    flows.touch(this.#flowOf.of(event)).accept(event, now);
    if (this.#ownerOf) owners.touch(this.#ownerOf.of(event)).accept(event, now);
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
      .map((row) => lookOf(row, now));
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
    return this.#rows.peers.get(key) ?? new Row(key, name, side);
  }

  #meetOwner(event: RttEvent, attributionOf: AttributionOf): Row {
    const side = sideOf(event);
    const label = labelOf(attributionOf(event));
    const key = `${side} ${label}`;
    return this.#rows.owners.get(key) ?? new Row(key, asciiText(label), side);
  }
}

function lookOf(row: Row, now: number): RowLook {
  const { name, side, isClosed, last, least, samples } = row;
  const { median, p99 } = row.recent.usual();
  const queueing = Math.max(0, median - least);
  const age = Math.max(0, now - row.lastSeen);
  const lastMinute = row.lastMinute.text(now);
  return { name, side, isClosed, last, least, median, p99, queueing, samples, age, lastMinute };
}

function flowRow(event: RttEvent): Row {
  const [name] = flowNames(event);
  return new Row(flowKey(event.flowId, name), name, sideOf(event));
}

/** As it is seen in the event, and the other way. */
function flowNames({ srcAddress, srcPort, destAddress, destPort, ipVersion }: KernelEvent) {
  const src = endpointText(srcAddress, srcPort, ipVersion);
  const dest = endpointText(destAddress, destPort, ipVersion);
  return [`${src}+${dest}`, `${dest}+${src}`] as const;
}

/** Both directions may be on the same side of the interface, as on lo. */
function flowKey(flowId: number, name: string): string {
  return `${flowId} ${name}`;
}
