/** RTTs by the host that they were measured to. */
import type { Endpoints } from '../events/types.js';
import { Groups, type GroupTerms, type Membership } from './groups.js';

export interface Peer {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
}

export class Peers extends Groups<Peer> {
  constructor(terms?: GroupTerms) {
    super(peerOf, terms);
  }
}

/** As `src` of an event: the host that has answered, or has not. */
export function peerOf({ srcAddress: address, ipVersion }: Endpoints): Membership<Peer> {
  return { key: peerKey(address, ipVersion), what: { address, ipVersion } };
}

export function peerKey(address: Uint8Array, ipVersion: 4 | 6): string {
  return `${ipVersion} ${Buffer.from(address).toString('latin1')}`;
}
