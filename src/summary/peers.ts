/** RTTs by the host that they were measured to. */
import { srcOf } from '../events/addresses.js';
import type { RttEvent } from '../events/types.js';
import { type GroupKeys, Groups, type GroupTerms, MOST_GROUPS } from './groups.js';
import { HostTable, type Peer } from './host-table.js';
import type { PathKind } from './path-kind.js';

/** As `src` of an event: the host that has answered. */
export class Peers extends Groups<Peer> {
  readonly #hosts: PeerKeys;

  constructor(terms: GroupTerms = {}) {
    const hosts = new PeerKeys(terms.most ?? MOST_GROUPS);
    super(hosts, terms);
    this.#hosts = hosts;
  }

  /** @param key as of peerKey() */
  has(key: string): boolean {
    return this.#hosts.numberOfKey(key) >= 0;
  }

  /** Which RTTs of a host tell the path best; of one that is not known all do. */
  kindOf(key: string): PathKind {
    return this.kindAt(this.#hosts.numberOfKey(key));
  }
}

class PeerKeys extends HostTable implements GroupKeys<Peer> {
  find(event: RttEvent): number {
    return this.numberOf(srcOf(event), event.ipVersion);
  }

  add(): number {
    return this.addWanted();
  }

  whatAt(at: number): Peer {
    return this.hostAt(at);
  }

  numberOfKey(key: string): number {
    const { address, ipVersion } = peerOf(key);
    return this.numberOf(address, ipVersion);
  }
}

/** Made of two bytes a character, in one call: a tenth of what a Buffer takes for it. */
export function peerKey(address: Uint8Array, ipVersion: 4 | 6): string {
  const word = (at: number) => ((address[at] as number) << 8) | (address[at + 1] as number);
  return String.fromCharCode(
    ipVersion,
    word(0),
    word(2),
    word(4),
    word(6),
    word(8),
    word(10),
    word(12),
    word(14),
  );
}

/** @param key as of peerKey() */
export function peerOf(key: string): Peer {
  const address = new Uint8Array(16);
  for (let at = 0; at < 16; at++) {
    const word = key.charCodeAt(1 + (at >> 1));
    address[at] = at % 2 === 0 ? word >> 8 : word;
  }
  return { address, ipVersion: key.charCodeAt(0) === 4 ? 4 : 6 };
}
