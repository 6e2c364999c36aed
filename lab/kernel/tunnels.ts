/** Tunnels, made by hand: each is a carrier that has headers of IP around what it carries. */
import type { Carrier } from './carriers.js';
import { ipv4Packet, ipv6Packet } from './packets.js';

/** What is around a tunnel. */
export interface TunnelOptions {
  /** Version of the outer IP; default 4. */
  readonly outer?: 4 | 6;
  /** IPv4: the flags and fragment offset field. */
  readonly fragment?: number;
  /** IPv6 extension headers, as [protocol number, bytes]. */
  readonly extensions?: readonly (readonly [number, Buffer])[];
}

export interface GreOptions extends TunnelOptions {
  readonly key?: number;
  readonly sequence?: number;
  readonly checksum?: boolean;
  /** Of the flags, besides those that follow from the above. */
  readonly flags?: number;
  /** Default: that of what is in it. */
  readonly type?: number;
}

export interface FrameOptions extends TunnelOptions {
  /** Ids of VLAN tags in the frame, outermost first. */
  readonly vlanIds?: readonly number[];
}

export interface UdpOptions extends FrameOptions {
  readonly port?: number;
  /** The first byte of its header. */
  readonly start?: number;
}

export interface GeneveOptions extends UdpOptions {
  /** Bytes of options, a multiple of four. */
  readonly options?: number;
  readonly isFrame?: boolean;
  readonly isControl?: boolean;
}

export interface GtpOptions extends UdpOptions {
  /** Words of each extension header; undefined: there is no field for one. */
  readonly words?: readonly number[];
  /** Of its type: 255 carries packets. */
  readonly type?: number;
}

export interface ErspanOptions extends FrameOptions {
  readonly session?: number;
  readonly isCut?: boolean;
  /** Type III: a platform's subheader. */
  readonly subheader?: boolean;
}

const ENDS = { 4: ['203.0.113.1', '203.0.113.2'], 6: ['2001:db8:f::1', '2001:db8:f::2'] } as const;
const PROTOCOL = { ipv4: 4, udp: 17, ipv6: 41, gre: 47 };
const TYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, bridged: 0x6558 };
const PORT = { gtp: 2152, vxlan: 4789, geneve: 6081 };
const SOURCE_PORT = 55_555;

/** IP in IP: IPIP, 6in4, 4in6 or 6in6, by what is in it. */
export function ipInIp(options: TunnelOptions = {}): Carrier {
  return ({ type, bytes }) =>
    within(type === TYPE.ipv4 ? PROTOCOL.ipv4 : PROTOCOL.ipv6, bytes, options);
}

/** RFC 2784 and 2890. */
export function gre(options: GreOptions = {}): Carrier {
  return ({ type, bytes }) => {
    const { key, sequence, checksum = false, flags = 0 } = options;
    const bit = (isSet: boolean, value: number) => (isSet ? value : 0);
    const all =
      flags |
      bit(checksum, 0x8000) |
      bit(key !== undefined, 0x2000) |
      bit(sequence !== undefined, 0x1000);
    const fields = [checksum ? 0 : undefined, key, sequence];
    const header = [word(all), word(options.type ?? type)];
    const given = fields.filter((each) => each !== undefined).map(long);
    return within(PROTOCOL.gre, Buffer.concat([...header, ...given, bytes]), options);
  };
}

/** Ethernet in GRE (TEB). */
export function gretap(options: GreOptions & FrameOptions = {}): Carrier {
  return framed(options, (bytes) => gre({ type: TYPE.bridged, ...options })({ type: 0, bytes }));
}

/** draft-foschiano-erspan. @param type I has no header */
export function erspan(type: 1 | 2 | 3, options: ErspanOptions = {}): Carrier {
  const { session = 1, isCut = false, subheader = false } = options;
  const first = long((((type - 1) << 28) | (isCut ? 0x400 : 0) | session) >>> 0);
  const headers = {
    1: [],
    2: [first, long(7)],
    3: [first, long(0x1234_5678), long(subheader ? 1 : 0), Buffer.alloc(subheader ? 8 : 0)],
  };
  const ethertype = type === 3 ? 0x22eb : 0x88be;
  return framed(options, (frame) => {
    const bytes = Buffer.concat([...headers[type], frame]);
    const sequence = type === 1 ? {} : { sequence: 9 };
    return gre({ ...options, ...sequence, type: ethertype })({ type: 0, bytes });
  });
}

/** RFC 7348 */
export function vxlan(vni = 1, options: UdpOptions = {}): Carrier {
  const { start = 0x08 } = options;
  const header = [Buffer.from([start, 0, 0, 0]), long(vni * 256)];
  return framed(options, (frame) =>
    udp(options.port ?? PORT.vxlan, Buffer.concat([...header, frame]), options),
  );
}

/** RFC 8926 */
export function geneve(vni = 1, options: GeneveOptions = {}): Carrier {
  const { options: length = 0, isFrame = true, isControl = false, start = length / 4 } = options;
  const put = (type: number, bytes: Buffer) => {
    const header = [Buffer.from([start, isControl ? 0x80 : 0]), word(type), long(vni * 256)];
    const payload = Buffer.concat([...header, Buffer.alloc(length), bytes]);
    return udp(options.port ?? PORT.geneve, payload, options);
  };
  if (isFrame) return framed(options, (frame) => put(TYPE.bridged, frame));
  return ({ type, bytes }) => put(type, bytes);
}

/** 3GPP TS 29.281, 5 */
export function gtpU(teid = 1, options: GtpOptions = {}): Carrier {
  return ({ bytes }) => {
    const { words, type = 0xff, start = words === undefined ? 0x30 : 0x34 } = options;
    const next = (index: number) => (words?.[index] === undefined ? 0 : 0x85);
    const extensions = (words ?? []).map((count, index) => {
      const extension = Buffer.alloc(Math.max(1, count * 4));
      extension[0] = count;
      extension[extension.length - 1] = next(index + 1);
      return extension;
    });
    const fields = start & 7 ? [Buffer.from([0, 1, 0, next(0)])] : [];
    const body = Buffer.concat([...fields, ...extensions, bytes]);
    const header = [Buffer.from([start, type]), word(body.length), long(teid)];
    return udp(options.port ?? PORT.gtp, Buffer.concat([...header, body]), options);
  };
}

/** A frame of Ethernet around what is carried. */
function framed({ vlanIds = [] }: FrameOptions, put: (frame: Buffer) => ReturnType<Carrier>) {
  const carrier: Carrier = ({ type, bytes }) => {
    const tags = vlanIds.flatMap((id) => [word(TYPE.vlan), word(id)]);
    return put(Buffer.concat([Buffer.alloc(12, 2), ...tags, word(type), bytes]));
  };
  return carrier;
}

function udp(port: number, payload: Buffer, options: TunnelOptions) {
  const header = [word(SOURCE_PORT), word(port), word(8 + payload.length), word(0)];
  return within(PROTOCOL.udp, Buffer.concat([...header, payload]), options);
}

function within(protocol: number, payload: Buffer, options: TunnelOptions) {
  const { outer = 4, ...around } = options;
  const [from, to] = ENDS[outer];
  if (outer === 4) {
    const { fragment = 0 } = around;
    return { type: TYPE.ipv4, bytes: ipv4Packet(from, to, payload, { fragment, protocol }) };
  }
  const { extensions = [] } = around;
  return { type: TYPE.ipv6, bytes: ipv6Packet(from, to, payload, { extensions, protocol }) };
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
