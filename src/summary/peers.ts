/** RTTs by the host that they were measured to. */
import type { RttEvent } from '../events/types.js';
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

function peerOf({ srcAddress: address, ipVersion }: RttEvent): Membership<Peer> {
  const key = `${ipVersion} ${Buffer.from(address).toString('latin1')}`;
  return { key, what: { address, ipVersion } };
}
