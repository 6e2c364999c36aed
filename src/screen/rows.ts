/** What the live view shows a line of: hosts, flows, and owners. */

import { labelOf } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { PerFlow } from '../events/per-flow.js';
import { timeOf } from '../events/time.js';
import type { FlowEvent, KernelEvent, RttEvent } from '../events/types.js';
import { Coverage } from '../summary/coverage.js';
import { Remembered } from '../summary/recently-used.js';
import { FlowProgress } from '../summary/resent.js';
import { sideOf } from '../summary/sides.js';
import { LEAST_WINDOW } from '../summary/windowed-least.js';
import { addressText, endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostEndpointText, hostText } from '../text/host.js';
import { lookOf, Row, type RowLook } from './row.js';

export type RowKind = 'peers' | 'flows' | 'owners';

/** More than anyone scrolls through. */
const MOST_ROWS = 2_048;
/** For so long one looks back at flows that have ended. */
const CLOSED_NS = 60_000_000_000;

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
    const peer = { address, ipVersion };
    const terms = { key, name, side, window: this.#window, peer, called };
    return this.#rows.peers.get(key) ?? new Row(terms);
  }

  #meetFlow(event: RttEvent): Row {
    const [name] = flowNames(event);
    const { flowId } = event;
    const key = flowKey(flowId, name);
    const called = this.#names && calledBy(event, this.#names);
    const window = this.#window;
    return new Row({ key, name, side: sideOf(event), window, subject: String(flowId), called });
  }

  #meetOwner(event: RttEvent, attributionOf: AttributionOf): Row {
    const side = sideOf(event);
    const label = labelOf(attributionOf(event));
    const key = `${side} ${label}`;
    const terms = { key, name: asciiText(label), side, window: this.#window };
    return this.#rows.owners.get(key) ?? new Row(terms);
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
