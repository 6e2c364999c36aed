/** A packet that is being changed: its bytes in place, and where its headers are. */
import { isIPv4 } from 'node:net';
import { carried } from '../../../lab/kernel/carriers.js';
import {
  type Echo,
  type Encapsulation,
  type End,
  echoFrame,
  type Segment,
  tcpFrame,
} from '../../../lab/kernel/packets.js';
import { udpFrame } from '../../../lab/kernel/udp-packets.js';
import type { LinkLayer } from '../../../src/core/link-layer.js';
import { isWrapped, wrapperHeader } from './wrappers.js';

/** A packet to begin with. Offsets are from the start of the frame. */
export interface Template {
  readonly linkLayer: LinkLayer;
  readonly version: 4 | 6;
  readonly bytes: Uint8Array;
  /** Of the first ethertype; -1 where the link layer has none. */
  readonly type: number;
  /** Where VLAN tags begin, or would. */
  readonly tags: number;
  /** Likewise what else carries IP. */
  readonly carriers: number;
  readonly ip: number;
  readonly tcp: number;
  /** Of TSval, TSecr being the next four bytes. */
  readonly tsval: number;
}

/** Of those link layers that have an ethertype, the header's length and where in it that is. */
const TYPED = {
  ethernet: { length: 14, type: 12 },
  cooked: { length: 16, type: 14 },
  cookedV2: { length: 20, type: 0 },
} as const;
const FAMILIES = { 4: 2, 6: 10 } as const;
const MOST_BYTES = 8_192;

// See random.ts.
const DataViews = DataView;

/** @param vlans types of VLAN tags, outermost first, where the link layer may have them */
export function template(
  linkLayer: LinkLayer,
  ends: readonly [End, End],
  segment: Segment,
  around: Encapsulation = {},
  vlans: readonly number[] = [],
): Template {
  const bare = { ...around, carriers: [], ethernet: false };
  const ipPacket = tcpFrame(...ends, segment, bare);
  const frame = framed(linkLayer, ends[0].address, ipPacket, around, vlans);
  return { ...frame, tsval: frame.bytes.indexOf(Buffer.from([8, 10]), frame.tcp + 20) + 2 };
}

/** The same of ICMP echo, which is where else TCP is; it has nothing where TSval is to be. */
export function echoTemplate(
  linkLayer: LinkLayer,
  address: string,
  echo: Echo,
  around: Encapsulation = {},
  vlans: readonly number[] = [],
): Template {
  const bare = { ...around, carriers: [], ethernet: false };
  const frame = framed(linkLayer, address, echoFrame(address, address, echo, bare), around, vlans);
  return { ...frame, tsval: frame.tcp };
}

/** The same of UDP, with so many bytes of payload. */
export function datagramTemplate(
  linkLayer: LinkLayer,
  address: string,
  payload: number,
  around: Encapsulation = {},
  vlans: readonly number[] = [],
): Template {
  const bare = { ...around, carriers: [], ethernet: false };
  const end = { address, port: 0 };
  const packet = udpFrame(end, end, Buffer.alloc(payload), bare);
  const frame = framed(linkLayer, address, packet, around, vlans);
  return { ...frame, tsval: frame.tcp };
}

function framed(
  linkLayer: LinkLayer,
  address: string,
  ipPacket: Buffer,
  around: Encapsulation,
  vlans: readonly number[],
): Omit<Template, 'tsval'> & { readonly bytes: Buffer } {
  const version = isIPv4(address) ? 4 : 6;
  const inner = { type: version === 4 ? 0x0800 : 0x86dd, bytes: ipPacket };
  const { type, bytes: packet } = carried(inner, around.carriers ?? []);
  const link = linkHeader(linkLayer, version, vlans, type);
  const bytes = Buffer.concat([link.bytes, packet]);
  const carriers = link.bytes.length;
  const ip = bytes.length - ipPacket.length;
  const extensions = (around.extensions ?? []).reduce((sum, [, each]) => sum + each.length, 0);
  const tcp = ip + (version === 4 ? 20 + (around.ipOptions?.length ?? 0) : 40 + extensions);
  const { type: typeAt, tags } = link;
  return { linkLayer, version, bytes, type: typeAt, tags, carriers, ip, tcp };
}

interface LinkHeader {
  readonly bytes: Buffer;
  readonly type: number;
  readonly tags: number;
}

/** @param ethertype of what comes after the tags */
function linkHeader(
  linkLayer: LinkLayer,
  version: 4 | 6,
  vlans: readonly number[],
  ethertype: number,
): LinkHeader {
  if (linkLayer === 'ip' || linkLayer === 'ppp' || linkLayer === 'pppoe') {
    return { bytes: Buffer.alloc(0), type: -1, tags: 0 };
  }
  if (linkLayer === 'family') {
    return { bytes: Buffer.from([FAMILIES[version], 0, 0, 0]), type: -1, tags: 4 };
  }
  if (linkLayer === 'nflog') {
    const bytes = wrapperHeader(linkLayer, version);
    return { bytes, type: -1, tags: bytes.length };
  }
  if (isWrapped(linkLayer)) return wrapped(linkLayer, version, vlans, ethertype);
  const { length, type } = TYPED[linkLayer as keyof typeof TYPED];
  const header = Buffer.alloc(length + 4 * vlans.length);
  // Not this machine's: an address that is not all zero.
  if (type > 0) header[0] = 2;
  const types = [...vlans, ethertype];
  types.forEach((value, index) => {
    header.writeUInt16BE(value, index === 0 ? type : length + 4 * index - 2);
  });
  return { bytes: header, type, tags: length };
}

/** With the end of an Ethernet header as its own: Wi-Fi's LLC ends with an ethertype, too. */
function wrapped(
  linkLayer: LinkLayer,
  version: 4 | 6,
  vlans: readonly number[],
  ethertype: number,
): LinkHeader {
  const header = wrapperHeader(linkLayer, version);
  const { bytes } = linkHeader('ethernet', version, vlans, ethertype);
  const all = Buffer.concat([header, bytes.subarray(TYPED.ethernet.type)]);
  return { bytes: all, type: header.length, tags: header.length + 2 };
}

export class Scratch {
  readonly bytes = new Uint8Array(MOST_BYTES);
  readonly #view = new DataViews(this.bytes.buffer);
  /** How many bytes there are ... */
  length = 0;
  /** ... and how many more there were on the wire, which a capture left out. */
  left = 0;
  /** What the packet stands for, as gso_segs says it. */
  segments = 0;
  version: 4 | 6 = 4;
  type = 0;
  tags = 0;
  carriers = 0;
  ip = 0;
  tcp = 0;
  tsval = 0;

  load(from: Template): void {
    this.bytes.set(from.bytes);
    this.length = from.bytes.length;
    this.left = 0;
    this.segments = 0;
    this.version = from.version;
    this.type = from.type;
    this.tags = from.tags;
    this.carriers = from.carriers;
    this.ip = from.ip;
    this.tcp = from.tcp;
    this.tsval = from.tsval;
  }

  get8(at: number): number {
    return this.bytes[at] as number;
  }

  set8(at: number, value: number): void {
    this.bytes[at] = value;
  }

  set16(at: number, value: number): void {
    this.#view.setUint16(at, value);
  }

  get32(at: number): number {
    return this.#view.getUint32(at);
  }

  set32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** Puts `count` bytes in at `at`, or takes as many out where it is below 0. The new ones are 0. */
  insert(at: number, count: number): void {
    const tail = count < 0 ? at - count : at;
    this.bytes.copyWithin(at + (count < 0 ? 0 : count), tail, this.length);
    if (count > 0) this.bytes.fill(0, at, at + count);
    this.length += count;
    // What begins where bytes are put in comes after them, but for the tags.
    if (this.tags > at) this.tags += count;
    if (this.carriers >= at) this.carriers += count;
    if (this.ip >= at) this.ip += count;
    if (this.tcp >= at) this.tcp += count;
    if (this.tsval >= at) this.tsval += count;
  }

  /** Where the ethertype is that says what comes after the link layer. */
  get lastType(): number {
    return this.carriers === this.tags ? this.type : this.carriers - 2;
  }

  /** The byte that says what comes after the IP header. */
  get protocol(): number {
    return this.ip + (this.version === 4 ? 9 : 6);
  }

  get ipLength(): number {
    return this.ip + (this.version === 4 ? 2 : 4);
  }

  /** What the IP header's length has to be. */
  get trueIpLength(): number {
    return this.length - this.ip - (this.version === 4 ? 0 : 40);
  }

  get optionsLength(): number {
    return (this.get8(this.tcp + 12) >> 4) * 4 - 20;
  }

  /** Makes room for so many bytes of TCP options, a multiple of four up to 40: NOPs, all of them. */
  setOptionsLength(length: number): void {
    const options = this.tcp + 20;
    this.insert(options, length - this.optionsLength);
    this.bytes.fill(1, options, options + length);
    this.set8(this.tcp + 12, ((20 + length) / 4) << 4);
    this.set16(this.ipLength, this.trueIpLength);
  }

  /** From now on it comes from where it went. */
  swapEnds(): void {
    const [at, width] = this.version === 4 ? [this.ip + 12, 4] : [this.ip + 8, 16];
    this.#swap(at, width);
    this.#swap(this.tcp, 2);
  }

  #swap(at: number, width: number): void {
    const first = this.bytes.slice(at, at + width);
    this.bytes.copyWithin(at, at + width, at + 2 * width);
    this.bytes.set(first, at + width);
  }

  /** Writes the timestamp option anywhere; what would be beyond the packet is not written. */
  setTimestamp(at: number, tsval: number, tsecr: number, length = 10): void {
    if (at + 10 > this.length) return;
    this.set8(at, 8);
    this.set8(at + 1, length);
    this.set32(at + 2, tsval);
    this.set32(at + 6, tsecr);
  }
}
