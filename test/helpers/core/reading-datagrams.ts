/**
 * What a datagram of UDP says of DNS (RFC 1035, 4.1.1; RFC 9619) or QUIC (RFC 8999; RFC 9000, 17; RFC 9369): a second
 * opinion on bpf/parse/udp.h and what it includes, which shares nothing with it.
 */

export type QuicType = 'initial' | 'zeroRtt' | 'handshake' | 'retry' | 'negotiation';

/** Ids as text, a character for each byte. */
export type Says =
  | { readonly kind: 'dns'; readonly id: number; readonly isResponse: boolean }
  | { readonly kind: 'short'; readonly isFixed: boolean }
  | {
      readonly kind: 'long';
      readonly type: QuicType;
      readonly dcid: string;
      readonly scid: string;
    };

export interface Datagram {
  readonly fromPort: number;
  readonly toPort: number;
  /** Bytes. */
  readonly payload: number;
  readonly says: Says;
}

/** 'cut': there is less than IP says. */
export type Missed = 'notTcp' | 'malformed' | 'cut';

const [DNS, QUIC] = [53, 443];
/** The longest header that has to be read: both ids of 20 bytes. */
const MOST_HEADER = 47;
const MOST_ID = 20;
const TYPES: readonly QuicType[] = ['initial', 'zeroRtt', 'handshake', 'retry'];
const { fromCharCode } = String;
const { min } = Math;

/** @param at where the header of UDP is; end: of the packet, as IP has it */
export function datagramIn(bytes: Uint8Array, at: number, end: number): Datagram | Missed {
  if (at + 8 > end) return 'malformed';
  if (at + 8 > bytes.length) return 'cut';
  const word = (from: number) => (bytes[from] as number) * 256 + (bytes[from + 1] as number);
  const [fromPort, toPort, length] = [word(at), word(at + 2), word(at + 4)];
  if (length < 8) return 'notTcp';
  const start = at + 8;
  const payload = min(end, at + length) - start;
  const ports = [fromPort, toPort];
  const says = ports.includes(DNS)
    ? dnsIn(bytes, start, payload, ports)
    : ports.includes(QUIC)
      ? quicIn(bytes, start, payload)
      : 'notTcp';
  return typeof says === 'string' ? says : { fromPort, toPort, payload, says };
}

function dnsIn(
  bytes: Uint8Array,
  start: number,
  payload: number,
  ports: readonly number[],
): Says | Missed {
  if (payload < 12) return 'notTcp';
  if (start + 12 > bytes.length) return 'cut';
  const word = (from: number) =>
    (bytes[start + from] as number) * 256 + (bytes[start + from + 1] as number);
  const flags = word(2);
  const [questions, answers] = [word(4), word(6)];
  const isResponse = flags >= 0x8000;
  if (flags & 0x7800) return 'notTcp';
  if (isResponse ? questions > 1 : questions !== 1 || answers > 0) return 'notTcp';
  // A query is to the port, a response from it.
  if (ports[isResponse ? 0 : 1] !== DNS) return 'notTcp';
  return { kind: 'dns', id: word(0), isResponse };
}

function quicIn(bytes: Uint8Array, start: number, payload: number): Says | Missed {
  if (payload === 0) return 'notTcp';
  if (start >= bytes.length) return 'cut';
  const first = bytes[start] as number;
  if (first < 0x80) return { kind: 'short', isFixed: (first & 0x40) > 0 };
  if (payload < 7) return 'notTcp';
  const end = start + min(payload, MOST_HEADER);
  if (end > bytes.length) return 'cut';
  const header = bytes.subarray(start, end);
  const version = header.subarray(1, 5).reduce((value, byte) => value * 256 + byte, 0);
  if (version !== 0 && version !== 1 && version !== 0x6b3343cf) return 'notTcp';
  const dcidLength = header[5] as number;
  if (dcidLength > MOST_ID) return 'notTcp';
  const at = 6 + dcidLength;
  const scidLength = header[at] ?? 0;
  if (scidLength > MOST_ID || at + 1 + scidLength > header.length) return 'notTcp';
  const text = (from: number, length: number) =>
    fromCharCode(...header.subarray(from, from + length));
  const bits = (first >> 4) & 3;
  const type = TYPES[version === 1 ? bits : (bits + 3) % 4] as QuicType;
  return {
    kind: 'long',
    type: version === 0 ? 'negotiation' : type,
    dcid: text(6, dcidLength),
    scid: text(at + 1, scidLength),
  };
}
