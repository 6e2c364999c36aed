/** RTTs by the host that they were measured to. */
import { PerFlow } from '../events/per-flow.js';
import type { RttEvent } from '../events/types.js';
import { type Memorable, Remembered } from './remembered.js';
import { RttStats } from './rtt-stats.js';

/** A busy server meets millions in a day. */
const MOST_PEERS = 4_096;

/** What is told of one; durations in nanoseconds. */
export interface PeerTotals {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
  readonly flows: number;
  readonly samples: number;
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly queueing: number;
}

class Peer extends RttStats implements Memorable {
  flows = 0;
  touched = 0;
  isForgotten = true;

  constructor(
    readonly key: string,
    readonly address: Uint8Array,
    readonly ipVersion: 4 | 6,
  ) {
    super();
  }

  override release(): void {
    super.release();
    this.flows = 0;
  }
}

export class Peers {
  readonly #peers: Remembered<Peer>;
  readonly #perFlow = new PerFlow((event) => this.#meet(event as RttEvent));

  constructor(most: number = MOST_PEERS) {
    this.#peers = new Remembered(most);
  }

  record(event: RttEvent, rtt: number = event.rtt): void {
    const peer = this.#peers.touch(this.#perFlow.of(event));
    // One that was forgotten comes back with this flow.
    if (peer.flows === 0) peer.flows = 1;
    peer.record(event, rtt);
  }

  /** Hosts that are remembered. */
  get size(): number {
    return this.#peers.size;
  }

  /** How many were forgotten for want of room. */
  get forgotten(): number {
    return this.#peers.forgotten;
  }

  /** Those that wait the most in queues, the worst first. */
  worst(most: number): PeerTotals[] {
    const totals = this.#peers.values().map(totalsOf);
    return totals.sort((a, b) => b.queueing - a.queueing || b.p99 - a.p99).slice(0, most);
  }

  /** Called once per flow. Of more than 65,536 flows at a time some are counted again. */
  #meet({ srcAddress, ipVersion }: RttEvent): Peer {
    const key = `${ipVersion} ${Buffer.from(srcAddress).toString('latin1')}`;
    const peer = this.#peers.get(key) ?? new Peer(key, srcAddress, ipVersion);
    peer.flows++;
    return peer;
  }
}

function totalsOf(peer: Peer): PeerTotals {
  const { address, ipVersion, flows, samples, least, median, p99, queueing } = peer;
  return { address, ipVersion, flows, samples, least, median, p99, queueing };
}
