/** What the live view shows a line of: hosts, flows, owners, and interfaces. */

import { labelOf, NOT_KNOWN } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { PerFlow } from '../events/per-flow.js';
import { interfaceText, type SeenAtOf } from '../events/places.js';
import { timeOf } from '../events/time.js';
import type { FlowEvent, KernelEvent, RttEvent } from '../events/types.js';
import { Coverage } from '../summary/coverage.js';
import { Remembered } from '../summary/recently-used.js';
import { FlowProgress } from '../summary/resent.js';
import { SIDES, type Side, sideOf } from '../summary/sides.js';
import { LEAST_WINDOW } from '../summary/windowed-least.js';
import { addressText, endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostEndpointText, hostText } from '../text/host.js';
import { lookOf, Row, type RowLook } from './row.js';

/** What is measured event by event. */
export type FlowKind = 'peers' | 'flows' | 'owners' | 'interfaces';
/** And what is counted in the kernel. */
export type RowKind = FlowKind | 'networks' | 'sides';

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
  /** Undefined where rows do not tell at which interface something was seen. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** How far back the least looks, in ns; 0: to the start. */
  readonly window?: number | undefined;
}

export class Rows {
  readonly #rows: Record<FlowKind, Remembered<Row>> = {
    peers: new Remembered(MOST_ROWS),
    flows: new Remembered(MOST_ROWS),
    owners: new Remembered(MOST_ROWS),
    interfaces: new Remembered(MOST_ROWS),
  };
  readonly #coverage = new Coverage();
  readonly #peerOf = this.#perFlow((event) => this.#meetPeer(event));
  readonly #flowOf = this.#perFlow((event) => this.#meetFlow(event));
  readonly #window: number;
  readonly #names: HostNames | undefined;
  readonly #seenAtOf: SeenAtOf | undefined;
  /** Undefined where owners are not shown. */
  readonly #ownerOf: PerFlow<Member> | undefined;
  /** Undefined where interfaces are not told. */
  readonly #interfaceOf: PerFlow<Member> | undefined;

  constructor({ attributionOf, names, seenAtOf, window = LEAST_WINDOW }: RowsParts = {}) {
    this.#window = window;
    this.#names = names;
    this.#seenAtOf = seenAtOf;
    if (attributionOf)
      this.#ownerOf = this.#perFlow((event) => this.#meetOwner(event, attributionOf));
    if (seenAtOf) this.#interfaceOf = this.#perFlow((event) => this.#meetInterface(event));
  }

  /** Interfaces go by other names: what comes from now on is of rows with these. */
  refreshAll(): void {
    this.#interfaceOf?.forgetAll();
  }

  accept(event: KernelEvent): void {
    if (event.type === 'flow') this.#acceptFlow(event);
    else if (event.type === 'rtt') this.#acceptRtt(event);
  }

  /** The attribution of this flow has become known, or has changed: its next RTTs may be another owner's. */
  refresh(flowId: number): void {
    this.#ownerOf?.forget(flowId);
  }

  /** As they are at `now`; flows that have ended for a while only. */
  look(kind: RowKind, now: number): readonly RowLook[] {
    if (kind === 'networks' || kind === 'sides') return [];
    const isOver = (row: Row) => row.isClosed && now - row.lastSeen > CLOSED_NS;
    return this.#rows[kind]
      .values()
      .filter((row) => !isOver(row))
      .map((row) => lookOf(row, now, this.#coverage));
  }

  #acceptRtt(event: RttEvent): void {
    const now = timeOf(event);
    const { peers, flows, owners, interfaces } = this.#rows;
    this.#record(event, now, this.#peerOf, peers);
    this.#record(event, now, this.#flowOf, flows);
    if (this.#ownerOf) this.#record(event, now, this.#ownerOf, owners);
    if (this.#interfaceOf) this.#record(event, now, this.#interfaceOf, interfaces);
  }

  #record(event: RttEvent, now: number, members: PerFlow<Member>, rows: Remembered<Row>): void {
    const { row, progress } = members.of(event);
    const isBack = row.isForgotten;
    const shown = rows.touch(row);
    // With this flow alone: what it had met is forgotten.
    if (isBack) shown.meet(event.flowId, this.#interfaceAt(event.place));
    shown.accept(event, now);
    progress.advance(event, shown.resent);
  }

  #acceptFlow(event: FlowEvent): void {
    this.#coverage.accept(event);
    if (event.change === 'closing') this.#close(event);
  }

  /** Both directions. */
  #close(event: FlowEvent): void {
    const { flowId, place } = event;
    for (const name of flowNames(event)) {
      const row = this.#rows.flows.get(flowKey(flowId, name));
      if (row) row.isClosed = true;
    }
    const at = this.#interfaceAt(place);
    if (at === undefined) return;
    for (const side of SIDES) this.#rows.interfaces.get(sideKey(side, at))?.flows?.close(flowId);
  }

  #perFlow(rowOf: (event: RttEvent) => Row): PerFlow<Member> {
    return new PerFlow<Member>((event, before) => {
      const row = rowOf(event as RttEvent);
      row.meet(event.flowId, this.#interfaceAt(event.place));
      return { row, progress: before?.progress ?? new FlowProgress() };
    });
  }

  /** Its name, to be shown. Undefined where interfaces are not told. */
  #interfaceAt(place: number): string | undefined {
    return this.#seenAtOf && asciiText(interfaceText(this.#seenAtOf(place)) ?? NOT_KNOWN);
  }

  #meetPeer(event: RttEvent): Row {
    const side = sideOf(event);
    const name = addressText(event.srcAddress, event.ipVersion);
    const key = sideKey(side, name);
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
    const key = sideKey(side, label);
    const terms = { key, name: asciiText(label), side, window: this.#window };
    return this.#rows.owners.get(key) ?? new Row(terms);
  }

  #meetInterface(event: RttEvent): Row {
    const side = sideOf(event);
    const name = this.#interfaceAt(event.place) ?? NOT_KNOWN;
    const key = sideKey(side, name);
    const terms = { key, name, side, window: this.#window, areFlowsCounted: true };
    return this.#rows.interfaces.get(key) ?? new Row(terms);
  }
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

/** The two sides are different paths, and different rows. */
function sideKey(side: Side, name: string): string {
  return `${side} ${name}`;
}
