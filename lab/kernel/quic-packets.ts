/**
 * Packets of QUIC made by hand, by RFC 8999, 9000 (17) and 9369: what an observer can read of them.
 * What is encrypted is filled with bytes that mean nothing.
 */
import type { Encapsulation, End } from './packets.js';
import { udpFrame } from './udp-packets.js';

export const VERSION = { negotiation: 0, v1: 1, v2: 0x6b3343cf } as const;
/** Reserved to exercise version negotiation: 0x?a?a?a?a (RFC 9000, 15). */
export const GREASED_VERSION = 0x1a2a3a4a;

export type LongType = 'initial' | 'zeroRtt' | 'handshake' | 'retry';
/** Whatever is not v2 has v1's types: of an unknown version an observer knows no type at all. */
const TYPE_BITS: Record<'v1' | 'v2', Record<LongType, number>> = {
  v1: { initial: 0, zeroRtt: 1, handshake: 2, retry: 3 },
  v2: { initial: 1, zeroRtt: 2, handshake: 3, retry: 0 },
};
const FORM = 0x80;
const FIXED = 0x40;
const SPIN = 0x20;
const INTEGRITY_TAG = 16;
/** The least size of a client's datagram with an Initial (RFC 9000, 14.1). */
export const LEAST_INITIAL = 1200;

/** What the headers of all packets have. */
interface Header {
  /** Up to 20 bytes; default: none. */
  readonly dcid?: Buffer;
  /** False: it is greased (RFC 9287). */
  readonly hasFixedBit?: boolean;
  /** Of the first byte, what is protected or unused: four bits of a long header, five of a short one. */
  readonly lowBits?: number;
}

export interface LongHeader extends Header {
  readonly type: LongType;
  readonly version?: number;
  readonly scid?: Buffer;
  /** Of an Initial or a Retry. */
  readonly token?: Buffer;
  /** Bytes that are protected, the packet number among them; a Retry has none. */
  readonly payload?: number;
  /** What the field says instead of the truth. */
  readonly length?: number;
  /** In how many bytes the length is written: 2 unless told otherwise. */
  readonly lengthWidth?: Width;
}

/** A packet with a long header (RFC 9000, 17.2; RFC 9369, 3.2). */
export function longPacket(header: LongHeader): Buffer {
  const { type, version = VERSION.v1, dcid, scid, token = Buffer.alloc(0) } = header;
  const { hasFixedBit = true, lowBits = 0, payload = 100, length, lengthWidth = 2 } = header;
  const bits = TYPE_BITS[version === VERSION.v2 ? 'v2' : 'v1'][type] << 4;
  const first = FORM | (hasFixedBit ? FIXED : 0) | bits | (lowBits & 0x0f);
  const start = invariant(first, version, dcid, scid);
  if (type === 'retry') return Buffer.concat([start, token, filling(INTEGRITY_TAG)]);
  const rest = [variableLength(length ?? payload, lengthWidth), filling(payload)];
  if (type !== 'initial') return Buffer.concat([start, ...rest]);
  return Buffer.concat([start, variableLength(token.length), token, ...rest]);
}

export interface Negotiation {
  readonly dcid?: Buffer;
  readonly scid?: Buffer;
  readonly versions?: readonly number[];
  /** Of the first byte, seven bits that mean nothing; servers set the fixed one. */
  readonly unused?: number;
}

/** A Version Negotiation packet (RFC 9000, 17.2.1). */
export function versionNegotiation(negotiation: Negotiation = {}): Buffer {
  const { dcid, scid, versions = [GREASED_VERSION, VERSION.v1], unused = FIXED } = negotiation;
  const start = invariant(FORM | (unused & 0x7f), VERSION.negotiation, dcid, scid);
  return Buffer.concat([start, ...versions.map(word)]);
}

export interface ShortHeader extends Header {
  readonly spin?: 0 | 1;
  /** Bytes that are protected, the packet number among them. */
  readonly payload?: number;
}

/** A packet with a short header: 1-RTT (RFC 9000, 17.3). */
export function shortPacket(header: ShortHeader = {}): Buffer {
  const { spin = 0, dcid = Buffer.alloc(0), payload = 40, hasFixedBit = true } = header;
  const first = (hasFixedBit ? FIXED : 0) | (spin ? SPIN : 0) | ((header.lowBits ?? 0) & 0x1f);
  return Buffer.concat([Buffer.from([first]), dcid, filling(payload)]);
}

/** Packets that one datagram carries (RFC 9000, 12.2): a short header, if there is one, comes last. */
export function coalesced(...packets: readonly Buffer[]): Buffer {
  return Buffer.concat(packets);
}

/** With zeros behind its packets, as some stacks fill it up; others have them within, as payload. */
export function padded(datagram: Buffer, size = LEAST_INITIAL): Buffer {
  return Buffer.concat([datagram, Buffer.alloc(Math.max(0, size - datagram.length))]);
}

/** A datagram of these packets, in a frame, over IPv4 or IPv6 as the addresses are. */
export function quicFrame(
  from: End,
  to: End,
  packets: readonly Buffer[],
  around: Encapsulation = {},
): Buffer {
  return udpFrame(from, to, coalesced(...packets), around);
}

/** A connection id of that many bytes; from four on no other number has the same. */
export function connectionId(number: number, bytes = 8): Buffer {
  const id = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) id[at] = (number >> (8 * (at % 4))) ^ (37 * (at >> 2));
  return id;
}

export type Width = 1 | 2 | 4 | 8;

/** A variable-length integer (RFC 9000, 16), in as few bytes as it takes, or in as many as are said. */
export function variableLength(value: number, width?: Width): Buffer {
  const bytes = width ?? (value < 64 ? 1 : value < 16_384 ? 2 : value < 2 ** 30 ? 4 : 8);
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(value));
  const written = Buffer.from(number.subarray(8 - bytes));
  written[0] = (written[0] ?? 0) | (Math.log2(bytes) << 6);
  return written;
}

/** What versions have in common (RFC 8999, 5.1). */
function invariant(
  first: number,
  version: number,
  dcid: Buffer = Buffer.alloc(0),
  scid: Buffer = Buffer.alloc(0),
): Buffer {
  const ids = [dcid, scid].flatMap((id) => [Buffer.from([id.length]), id]);
  return Buffer.concat([Buffer.from([first]), word(version), ...ids]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function filling(bytes: number): Buffer {
  return Buffer.alloc(bytes, 0xa5);
}
