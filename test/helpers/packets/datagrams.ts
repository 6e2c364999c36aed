/**
 * The datagrams of QUIC of a capture as tcpdump writes it in the lab, read by RFC 8999, 9000 and 9369
 * and by none of pping's code.
 */
import { endOf, headersOf, recordsOf } from './segments.js';

export type PacketType = 'initial' | 'zeroRtt' | 'handshake' | 'retry' | 'negotiation' | 'unknown';

export interface LongPacket {
  readonly type: PacketType;
  readonly version: number;
  /** In hex. */
  readonly dcid: string;
  readonly scid: string;
}

export interface ShortPacket {
  readonly type: 'short';
  readonly spin: 0 | 1;
}

export interface Datagram {
  /** In ns since the epoch. */
  readonly time: bigint;
  readonly sourcePort: number;
  readonly destPort: number;
  /** Whatever of them was captured. */
  readonly packets: readonly (LongPacket | ShortPacket)[];
}

const UDP_HEADER = 8;
const V2 = 0x6b3343cf;
const V1 = 1;
const BY_BITS = {
  [V1]: ['initial', 'zeroRtt', 'handshake', 'retry'],
  [V2]: ['retry', 'initial', 'zeroRtt', 'handshake'],
} as const;

/** In the order of the file, which has only UDP. */
export function datagramsOf(capture: Buffer): Datagram[] {
  return recordsOf(capture).map((record) => {
    const { tcp: udp } = headersOf(capture, record);
    const end = Math.min(udp + capture.readUInt16BE(udp + 4), endOf(capture, record));
    return {
      time: timeOf(capture, record),
      sourcePort: capture.readUInt16BE(udp),
      destPort: capture.readUInt16BE(udp + 2),
      packets: packetsOf(new Cursor(capture.subarray(udp + UDP_HEADER, end))),
    };
  });
}

/** Whether it has a packet of that type. */
export function has({ packets }: Datagram, type: PacketType | 'short'): boolean {
  return packets.some((packet) => packet.type === type);
}

function timeOf(capture: Buffer, record: number): bigint {
  const seconds = BigInt(capture.readUInt32LE(record));
  return seconds * 1_000_000_000n + BigInt(capture.readUInt32LE(record + 4));
}

function packetsOf(cursor: Cursor): (LongPacket | ShortPacket)[] {
  const packets: (LongPacket | ShortPacket)[] = [];
  while (cursor.left > 0) {
    const first = cursor.number(1);
    if ((first & 0x80) === 0) return [...packets, { type: 'short', spin: first & 0x20 ? 1 : 0 }];
    const packet = longPacket(cursor, first);
    if (!packet) break;
    packets.push(packet);
    if (!hasLength(packet)) break;
    if (packet.type === 'initial') cursor.skip(cursor.variable());
    cursor.skip(cursor.variable());
  }
  return packets;
}

/** @returns undefined where it is cut */
function longPacket(cursor: Cursor, first: number): LongPacket | undefined {
  const version = cursor.number(4);
  const [dcid, scid] = [cursor.bytes(cursor.number(1)), cursor.bytes(cursor.number(1))];
  if (dcid === undefined || scid === undefined) return undefined;
  return { type: typeOf(version, (first >> 4) & 3), version, dcid, scid };
}

function typeOf(version: number, bits: number): PacketType {
  if (version === 0) return 'negotiation';
  if (version !== V1 && version !== V2) return 'unknown';
  return BY_BITS[version][bits] ?? 'unknown';
}

/** Those without it take the rest of their datagram. */
function hasLength({ type }: LongPacket): boolean {
  return type === 'initial' || type === 'zeroRtt' || type === 'handshake';
}

/** Reads on, and 0 where nothing is left. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return Math.max(0, this.#bytes.length - this.#at);
  }

  number(bytes: number): number {
    if (this.left < bytes) {
      this.#at = this.#bytes.length;
      return 0;
    }
    this.#at += bytes;
    return this.#bytes.readUIntBE(this.#at - bytes, bytes);
  }

  /** RFC 9000, 16; of eight bytes the lower four, which are enough for any datagram. */
  variable(): number {
    const width = 1 << ((this.#bytes[this.#at] ?? 0) >> 6);
    if (width === 8) this.skip(4);
    return width === 8 ? this.number(4) : this.number(width) % 2 ** (8 * width - 2);
  }

  bytes(length: number): string | undefined {
    if (this.left < length) return undefined;
    this.#at += length;
    return this.#bytes.toString('hex', this.#at - length, this.#at);
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }
}
