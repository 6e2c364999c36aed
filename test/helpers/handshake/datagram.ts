/** What the ends of a handshake say, and what of it is on the wire. */
import * as quic from '../../../lab/kernel/quic-packets.js';
import type { Role } from '../spin/endpoint.js';

export interface Datagram {
  readonly from: Role;
  /** In the datagram. */
  readonly packets: readonly Buffer[];
  /** What only the ends can read. */
  readonly says: Says;
}

export type Says =
  | { readonly kind: 'hello'; readonly part: number; readonly token: boolean }
  | { readonly kind: 'retry'; readonly id: Buffer }
  | { readonly kind: 'negotiation' }
  | { readonly kind: 'flight'; readonly part: number; readonly id: Buffer }
  /** An acknowledgement alone, or a probe. */
  | { readonly kind: 'nothing'; readonly id: Buffer }
  | { readonly kind: 'finished' }
  | { readonly kind: 'done' };

/** Who talks to whom. */
export interface Ids {
  readonly version: number;
  readonly dcid: Buffer;
  readonly scid: Buffer;
}

const TOKEN = Buffer.alloc(40, 't');
const SMALL = 40;
/** Of a header, with the longest ids and a token. */
const FULL = quic.LEAST_INITIAL;

/** One of the datagrams that the client's hello takes, with early data behind the last. */
export function hello(ids: Ids, part: number, token: boolean, isEarly: boolean): Datagram {
  const packets = [quic.longPacket({ type: 'initial', ...ids, payload: FULL, ...tokenOf(token) })];
  if (isEarly) packets.push(quic.longPacket({ type: 'zeroRtt', ...ids, payload: SMALL }));
  return { from: 'client', packets, says: { kind: 'hello', part, token } };
}

export function retry(ids: Ids): Datagram {
  const packets = [quic.longPacket({ type: 'retry', ...ids, token: TOKEN })];
  return { from: 'server', packets, says: { kind: 'retry', id: ids.scid } };
}

export function negotiation(ids: Ids): Datagram {
  const packets = [quic.versionNegotiation(ids)];
  return { from: 'server', packets, says: { kind: 'negotiation' } };
}

/** The n-th datagram of the server's flight: the first has an Initial. */
export function flight(ids: Ids, part: number): Datagram {
  const first = part === 0 ? [quic.longPacket({ type: 'initial', ...ids, payload: SMALL })] : [];
  const packets = [...first, quic.longPacket({ type: 'handshake', ...ids, payload: FULL })];
  return { from: 'server', packets, says: { kind: 'flight', part, id: ids.scid } };
}

/** The server's, which need not be filled up (RFC 9000, 14.1), and the client's, which must. */
export function initialOnly(from: Role, ids: Ids): Datagram {
  const payload = from === 'client' ? FULL : SMALL;
  const packets = [quic.longPacket({ type: 'initial', ...ids, payload })];
  return { from, packets, says: { kind: 'nothing', id: ids.scid } };
}

export function handshakeOnly(from: Role, ids: Ids): Datagram {
  const packets = [quic.longPacket({ type: 'handshake', ...ids, payload: SMALL })];
  return { from, packets, says: { kind: 'nothing', id: ids.scid } };
}

/** The client's last of the handshake, with what it asks. */
export function finished(ids: Ids): Datagram {
  const packets = [
    quic.longPacket({ type: 'handshake', ...ids, payload: SMALL }),
    quic.shortPacket({ dcid: ids.dcid, payload: SMALL }),
  ];
  return { from: 'client', packets, says: { kind: 'finished' } };
}

/** The server's: that the handshake is over. */
export function done(ids: Ids): Datagram {
  const packets = [quic.shortPacket({ dcid: ids.dcid, payload: SMALL })];
  return { from: 'server', packets, says: { kind: 'done' } };
}

function tokenOf(isThere: boolean) {
  return isThere ? { token: TOKEN } : {};
}
