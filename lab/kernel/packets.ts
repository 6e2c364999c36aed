/** Packets made by hand, byte by byte. */
import { isIPv4 } from 'node:net';
import { type Carrier, carried } from './carriers.js';

export interface End {
  readonly address: string;
  readonly port: number;
}

export type TcpFlag = 'FIN' | 'SYN' | 'RST' | 'PSH' | 'ACK';

const FLAG_BITS: Record<TcpFlag, number> = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
};

export interface Segment {
  readonly flags?: readonly TcpFlag[];
  readonly seq?: number;
  readonly ack?: number;
  readonly tsval?: number;
  readonly tsecr?: number;
  /** Unscaled. */
  readonly window?: number;
  /** Bytes of payload. */
  readonly payload?: number;
  /** The whole of the TCP options, instead of NOP NOP TIMESTAMP. */
  readonly options?: Buffer;
}

export interface Encapsulation {
  /** Ethertypes of VLAN tags, outermost first. */
  readonly vlans?: readonly number[];
  /** Their ids, with the priority above; default: 101, 102 and so on. */
  readonly vlanIds?: readonly number[];
  /** What is between the tags and IP, outermost first. */
  readonly carriers?: readonly Carrier[];
  /** IPv4 options; a multiple of four bytes. */
  readonly ipOptions?: Buffer;
  /** IPv6 extension headers, as [protocol number, bytes]. */
  readonly extensions?: readonly (readonly [number, Buffer])[];
  /** IPv4: the flags and fragment offset field. */
  readonly fragment?: number;
  /** False: the packet begins with IP, or what carries it. */
  readonly ethernet?: boolean;
  /** Where the link layer takes it: the interface's own address (loopback: zeros), or another's. */
  readonly toThisHost?: boolean;
  readonly protocol?: number;
  /** Bytes after the IP packet, as Ethernet pads short frames. */
  readonly padding?: number;
}

/** A TCP segment from one end to the other, in a frame. ACK and a timestamp option unless told otherwise. */
export function tcpFrame(
  from: End,
  to: End,
  segment: Segment = {},
  around: Encapsulation = {},
): Buffer {
  return ipFrame(from.address, to.address, tcpSegment(from, to, segment), around);
}

/** A packet of IP, of the version of its addresses, in a frame; TCP unless told otherwise. */
export function ipFrame(
  from: string,
  to: string,
  payload: Buffer,
  around: Encapsulation = {},
): Buffer {
  const ip = isIPv4(from)
    ? ipv4Packet(from, to, payload, around)
    : ipv6Packet(from, to, payload, around);
  const inner = { type: isIPv4(from) ? 0x0800 : 0x86dd, bytes: ip };
  const { type, bytes } = carried(inner, around.carriers ?? []);
  const padded = Buffer.concat([bytes, Buffer.alloc(around.padding ?? 0)]);
  if (around.ethernet === false) return padded;
  return Buffer.concat([linkHeader(type, around), padded]);
}

/** Of ICMP, or in IPv6 of ICMPv6. */
export interface Echo {
  readonly kind: 'request' | 'reply';
  readonly id: number;
  readonly sequence: number;
  /** Bytes of data, an even number; default: 56, as ping's. */
  readonly payload?: number;
  /** Instead of the kind's own. */
  readonly type?: number;
  readonly code?: number;
}

const ECHO_TYPES = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
const ICMP = { 4: 1, 6: 58 } as const;

/** A packet of ICMP echo, in a frame. Of ICMPv6 the checksum, which pping does not read, is not set. */
export function echoFrame(
  from: string,
  to: string,
  echo: Echo,
  around: Encapsulation = {},
): Buffer {
  const version = isIPv4(from) ? 4 : 6;
  const header = Buffer.alloc(8);
  header[0] = echo.type ?? ECHO_TYPES[version][echo.kind];
  header[1] = echo.code ?? 0;
  header.writeUInt16BE(echo.id, 4);
  header.writeUInt16BE(echo.sequence, 6);
  const message = Buffer.concat([header, Buffer.alloc(echo.payload ?? 56, 'x')]);
  if (version === 4) message.writeUInt16BE(checksum(message), 2);
  return ipFrame(from, to, message, { protocol: ICMP[version], ...around });
}

/** A frame of any ethertype. */
export function frame(ethertype: number, payload: Buffer): Buffer {
  return Buffer.concat([linkHeader(ethertype, {}), payload]);
}

/** The timestamp option on its own (RFC 7323, 3.2). */
export function timestampOption(tsval: number, tsecr: number): Buffer {
  const option = Buffer.from([8, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
  option.writeUInt32BE(tsval >>> 0, 2);
  option.writeUInt32BE(tsecr >>> 0, 6);
  return option;
}

function tcpSegment(from: End, to: End, segment: Segment): Buffer {
  const options = segment.options ?? defaultOptions(segment);
  const padded = Buffer.concat([options, Buffer.alloc((4 - (options.length % 4)) % 4)]);
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE((segment.seq ?? 1000) >>> 0, 4);
  header.writeUInt32BE((segment.ack ?? 0) >>> 0, 8);
  header.writeUInt16BE(segment.window ?? 1000, 14);
  header[12] = ((20 + padded.length) / 4) << 4;
  header[13] = (segment.flags ?? ['ACK']).reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
  return Buffer.concat([header, padded, Buffer.alloc(segment.payload ?? 0, 'x')]);
}

function defaultOptions({ tsval = 0, tsecr = 0 }: Segment): Buffer {
  return Buffer.concat([Buffer.from([1, 1]), timestampOption(tsval, tsecr)]);
}

/** A header and a payload; TCP unless told otherwise. */
export function ipv4Packet(
  from: string,
  to: string,
  payload: Buffer,
  around: Encapsulation,
): Buffer {
  const options = around.ipOptions ?? Buffer.alloc(0);
  const header = Buffer.alloc(20);
  header[0] = 0x40 | ((20 + options.length) / 4);
  header.writeUInt16BE(20 + options.length + payload.length, 2);
  header.writeUInt16BE(around.fragment ?? 0, 6);
  header[8] = 64;
  header[9] = around.protocol ?? 6;
  addressBytes(from).copy(header, 12);
  addressBytes(to).copy(header, 16);
  header.writeUInt16BE(checksum(Buffer.concat([header, options])), 10);
  return Buffer.concat([header, options, payload]);
}

/** RFC 1071 */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** Likewise, with its extension headers. */
export function ipv6Packet(
  from: string,
  to: string,
  payload: Buffer,
  around: Encapsulation,
): Buffer {
  const extensions = around.extensions ?? [];
  const kinds = [...extensions.map(([kind]) => kind), around.protocol ?? 6];
  const chain = extensions.map(([, bytes], index) => {
    const extension = Buffer.from(bytes);
    extension[0] = kinds[index + 1] ?? 0;
    return extension;
  });
  const body = Buffer.concat([...chain, payload]);
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(body.length, 4);
  header[6] = kinds[0] ?? 0;
  header[7] = 64;
  addressBytes(from).copy(header, 8);
  addressBytes(to).copy(header, 24);
  return Buffer.concat([header, body]);
}

function linkHeader(ethertype: number, around: Encapsulation): Buffer {
  const addresses = Buffer.alloc(12);
  if (!around.toThisHost) addresses[0] = 0x02;
  const types = [...(around.vlans ?? []), ethertype];
  const tags = types.map((type, index) => {
    const field = Buffer.alloc(index === 0 ? 2 : 4);
    if (index > 0) field.writeUInt16BE(around.vlanIds?.[index - 1] ?? 100 + index, 0);
    field.writeUInt16BE(type, field.length - 2);
    return field;
  });
  return Buffer.concat([addresses, ...tags]);
}

/** Text to bytes, IPv6 with at most one `::`. */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  const [left = '', right] = text.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const all = [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail];
  const bytes = Buffer.alloc(16);
  all.forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2);
  });
  return bytes;
}
