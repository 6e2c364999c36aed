/** How much of what hosts have said and heard could not be measured, and why: of flows without an RTT to them. */
import type { Protocol, Unmeasured } from '../events/names.js';
import type { FlowEvent } from '../events/types.js';
import type { Peer } from './host-table.js';
import { peerKey } from './peers.js';
import { type Memorable, Remembered } from './recently-used.js';

const MOST_HOSTS = 4_096;
/** Of two hosts that nothing was measured to: beyond that their flows count for each of them. */
const MOST_PAIRS = 4_096;

/** Without an RTT to the host. */
export interface Uncovered {
  readonly flows: number;
  /** Payload, both ways. */
  readonly bytes: number;
  /** That of the most bytes. */
  readonly reason: Unmeasured;
}

/** The same of all hosts to which nothing was measured. */
export interface UnmeasuredHosts extends Uncovered {
  readonly hosts: number;
  /** So many times one was forgotten for want of room. */
  readonly forgotten: number;
}

type ByReason = Map<Unmeasured, { flows: number; bytes: number }>;

class Host implements Memorable {
  readonly byProtocol = new Map<Protocol, ByReason>();
  touched = 0;
  isForgotten = true;
  /** Or it is this machine. */
  wasMeasured = false;

  constructor(readonly key: string) {}

  release(): void {
    this.byProtocol.clear();
    this.wasMeasured = false;
  }
}

/** Flows without an RTT to either end: they are among those of both. */
class Pair implements Memorable {
  flows = 0;
  bytes = 0;
  touched = 0;
  isForgotten = true;

  constructor(
    readonly key: string,
    readonly ends: readonly [Host, Host],
  ) {}

  release(): void {
    this.flows = this.bytes = 0;
  }
}

export class Coverage {
  readonly #hosts: Remembered<Host>;
  readonly #pairs = new Remembered<Pair>(MOST_PAIRS);

  constructor(most = MOST_HOSTS) {
    this.#hosts = new Remembered(most);
  }

  /** After a FIN there may still be RTTs: if there are none, it is told again. */
  accept(event: FlowEvent): void {
    if (event.change === 'opening' || (event.change === 'closing' && event.reason === 'FIN'))
      return;
    const { srcAddress, destAddress, ipVersion, protocol, unmeasuredSrc, unmeasuredDest } = event;
    const bytes = event.sentBytes + event.recBytes;
    const [src, dest] = [peerKey(srcAddress, ipVersion), peerKey(destAddress, ipVersion)];
    // What was seen goes to dest, which has not been heard.
    const sender =
      unmeasuredDest === 'one direction'
        ? undefined
        : this.#add(src, unmeasuredSrc, protocol, bytes);
    const receiver = this.#add(dest, unmeasuredDest, protocol, bytes);
    if (sender && receiver) this.#addPair([sender, receiver], bytes);
  }

  /** Undefined where all was measured. @param protocol undefined: of all of them */
  of({ address, ipVersion }: Peer, protocol?: Protocol): Uncovered | undefined {
    const host = this.#hosts.get(peerKey(address, ipVersion));
    return host && sumOf(reasonsOf(host, protocol));
  }

  /** Undefined where there are none. @param isMeasured whether there were RTTs to the host with this key */
  unmeasured(isMeasured: (key: string) => boolean): UnmeasuredHosts | undefined {
    const hosts = this.#hosts
      .values()
      .filter((host) => isUnmeasured(host) && !isMeasured(host.key));
    const sum = sumOf(hosts.flatMap((host) => reasonsOf(host)));
    if (!sum) return undefined;
    const twice = this.#between(new Set(hosts));
    const [flows, bytes] = [sum.flows - twice.flows, sum.bytes - twice.bytes];
    return { ...sum, hosts: hosts.length, forgotten: this.#hosts.forgotten, flows, bytes };
  }

  /** What is among the flows of two of these hosts. */
  #between(hosts: ReadonlySet<Host>): { flows: number; bytes: number } {
    const sum = { flows: 0, bytes: 0 };
    for (const { ends, flows, bytes } of this.#pairs.values()) {
      if (!ends.every((end) => hosts.has(end))) continue;
      sum.flows += flows;
      sum.bytes += bytes;
    }
    return sum;
  }

  /** A host that was forgotten is another when it comes back, without these flows. */
  #addPair(ends: readonly [Host, Host], bytes: number): void {
    const key = ends.map((end) => end.key).join('');
    const known = this.#pairs.get(key);
    const isSame = known?.ends.every((end, at) => end === ends[at]) ?? false;
    if (known && !isSame) this.#pairs.forget(known);
    const pair = this.#pairs.touch(known && isSame ? known : new Pair(key, ends));
    pair.flows++;
    pair.bytes += bytes;
  }

  /** @returns undefined where it is no gap */
  #add(key: string, reason: Unmeasured | undefined, protocol: Protocol, bytes: number) {
    const known = this.#hosts.get(key);
    // This machine's own stack is left out, and is none.
    if (reason === undefined || reason === 'local') {
      if (known) known.wasMeasured = true;
      return undefined;
    }
    const host = this.#hosts.touch(known ?? new Host(key));
    const byReason: ByReason = host.byProtocol.get(protocol) ?? new Map();
    const before = byReason.get(reason) ?? { flows: 0, bytes: 0 };
    host.byProtocol.set(protocol, byReason);
    byReason.set(reason, { flows: before.flows + 1, bytes: before.bytes + bytes });
    return host;
  }
}

/** Who was only acknowledged had nothing to answer, which is no gap of a whole host. */
function isUnmeasured(host: Host): boolean {
  const reasons = reasonsOf(host).flatMap((byReason) => [...byReason.keys()]);
  return !host.wasMeasured && reasons.some((reason) => reason !== 'no data');
}

function reasonsOf({ byProtocol }: Host, protocol?: Protocol): ByReason[] {
  if (protocol === undefined) return [...byProtocol.values()];
  const ofOne = byProtocol.get(protocol);
  return ofOne ? [ofOne] : [];
}

function sumOf(parts: readonly ByReason[]): Uncovered | undefined {
  let [flows, bytes, most] = [0, 0, -1];
  let reason: Unmeasured | undefined;
  const byReason = new Map<Unmeasured, number>();
  for (const part of parts) {
    for (const [why, each] of part) {
      flows += each.flows;
      bytes += each.bytes;
      byReason.set(why, (byReason.get(why) ?? 0) + each.bytes);
    }
  }
  for (const [why, sum] of byReason) {
    if (sum <= most) continue;
    most = sum;
    reason = why;
  }
  return reason && { flows, bytes, reason };
}
