/** What the live view shows a line of: hosts, flows, owners, and interfaces. */

import { labelOf, NOT_KNOWN } from '../attribution/label.js';
import type { AttributionOf } from '../attribution/owner.js';
import { hasPorts } from '../events/names.js';
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
import { lookOf, markedName, Row, type RowLook } from './row.js';

/** What is measured event by event. */
export type FlowKind = 'peers' | 'flows' | 'owners' | 'interfaces';
/** And what is counted in the kernel; and resolvers, which have no flows (resolver-rows.ts). */
export type RowKind = FlowKind | 'networks' | 'sides' | 'resolvers';

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
    if (kind === 'networks' || kind === 'sides' || kind === 'resolvers') return [];
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
    const name = marked(event, at);
    for (const side of SIDES) this.#rows.interfaces.get(sideKey(side, name))?.flows?.close(flowId);
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
    const { srcAddress: address, ipVersion, protocol } = event;
    const subject = addressText(address, ipVersion);
    const name = marked(event, subject);
    const key = sideKey(side, name);
    const called =
      this.#names && (() => marked({ protocol }, hostText(address, ipVersion, this.#names)));
    const peer = { address, ipVersion };
    const terms = { key, name, side, protocol, window: this.#window, subject, peer, called };
    return this.#rows.peers.get(key) ?? new Row(terms);
  }

  #meetFlow(event: RttEvent): Row {
    const [name] = flowNames(event);
    const { flowId } = event;
    const key = flowKey(flowId, name);
    const called = this.#names && calledBy(event, this.#names);
    const window = this.#window;
    const { protocol } = event;
    const subject = String(flowId);
    return new Row({ key, name, side: sideOf(event), protocol, window, subject, called });
  }

  #meetOwner(event: RttEvent, attributionOf: AttributionOf): Row {
    const side = sideOf(event);
    const { protocol } = event;
    const subject = labelOf(attributionOf(event));
    const key = sideKey(side, marked(event, subject));
    const name = marked(event, asciiText(subject));
    const terms = { key, name, side, protocol, window: this.#window, subject };
    return this.#rows.owners.get(key) ?? new Row(terms);
  }

  #meetInterface(event: RttEvent): Row {
    const side = sideOf(event);
    const { protocol } = event;
    const subject = this.#interfaceAt(event.place) ?? NOT_KNOWN;
    const name = marked(event, subject);
    const key = sideKey(side, name);
    const shared = { key, name, side, protocol, window: this.#window, subject };
    const terms = { ...shared, areFlowsCounted: true };
    return this.#rows.interfaces.get(key) ?? new Row(terms);
  }
}

/** As it is seen in the event, and the other way. */
function flowNames(event: KernelEvent) {
  const { srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
  const textOf = hasPorts(event.protocol) ? endpointText : hostOnly;
  const src = textOf(srcAddress, srcPort, ipVersion);
  const dest = textOf(destAddress, destPort, ipVersion);
  return [flowName(event, src, dest), flowName(event, dest, src)] as const;
}

function hostOnly(address: Uint8Array, _: number, ipVersion: 4 | 6): string {
  return addressText(address, ipVersion);
}

type Named = Pick<KernelEvent, 'protocol' | 'srcPort'>;

/** An identifier is no port, and is not shown as one. */
function flowName({ protocol, srcPort }: Named, src: string, dest: string): string {
  const name = marked({ protocol }, `${src}+${dest}`);
  return hasPorts(protocol) ? name : `${name} id ${srcPort}`;
}

function marked({ protocol }: Pick<KernelEvent, 'protocol'>, name: string): string {
  return markedName(protocol, name);
}

/** The event itself is another one soon. */
function calledBy(event: RttEvent, names: HostNames): () => string {
  const { protocol, srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
  const textOf = (address: Uint8Array, port: number) =>
    hasPorts(protocol)
      ? hostEndpointText(address, port, ipVersion, names)
      : hostText(address, ipVersion, names);
  return () =>
    flowName({ protocol, srcPort }, textOf(srcAddress, srcPort), textOf(destAddress, destPort));
}

/** Both directions may be on the same side of the interface, as on lo. */
function flowKey(flowId: number, name: string): string {
  return `${flowId} ${name}`;
}

/** The two sides are different paths, and different rows. */
function sideKey(side: Side, name: string): string {
  return `${side} ${name}`;
}
