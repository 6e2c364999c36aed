/**
 * Where IP begins in the tunnels around it: a second opinion on what bpf/parse/tunnels/ makes of it, which
 * shares nothing with it.
 */
import { ethernetWithin, ipWithin, type Packet } from './reading-carriers.js';

/** A header of IP: where it is, and its version. */
export interface Header {
  readonly at: number;
  readonly version: 4 | 6;
}

/** The innermost, and what is around it, as a part of a key. */
export interface Innermost extends Header {
  readonly place: string;
  /** Its packet may be longer than what is there. */
  readonly isCut: boolean;
}

export type Missed = 'none' | 'cut' | 'malformed';

/** What follows the headers of IP. */
interface Payload {
  readonly protocol: number;
  readonly at: number;
  readonly end: number;
  readonly isPart: boolean;
}

/** What a tunnel holds: an ethertype and where what it stands for is, or a frame. */
interface Content {
  readonly name: string;
  readonly at: number;
  readonly type: number | 'frame';
  readonly isCut?: boolean;
}

const MOST_TUNNELS = 2;
const MOST_EXTENSIONS = 6;
const MOST_BYTES = 1_024;
const [IPV4, IPV6, BRIDGED] = [0x0800, 0x86dd, 0x6558];
const { fromCharCode } = String;

/** Thrown where bytes are not there. */
class Cut extends Error {}

/** @returns 'none' where there is no tunnel */
export function innermost(packet: Packet, outer: Header): Innermost | Missed {
  let found: Innermost = { ...outer, place: '', isCut: false };
  for (let tunnels = 0; tunnels < MOST_TUNNELS; tunnels++) {
    const next = attempt(packet, found);
    if (next === 'cut') return next;
    if (typeof next === 'string') return tunnels === 0 ? next : bounded(found);
    found = next;
  }
  return bounded(found);
}

function bounded(found: Innermost): Innermost | Missed {
  return found.at > MOST_BYTES ? 'none' : found;
}

function attempt(packet: Packet, around: Innermost): Innermost | Missed {
  try {
    return within(packet, around);
  } catch (error) {
    if (error instanceof Cut) return 'cut';
    throw error;
  }
}

function within(packet: Packet, around: Innermost): Innermost | Missed {
  const payload = around.version === 4 ? ofIpv4(packet, around.at) : ofIpv6(packet, around.at);
  if (payload === undefined) return 'none';
  if (payload === 'malformed') return payload;
  const content = contentOf(packet, payload, around.version);
  if (content === undefined) return 'none';
  const isFrame = content.type === 'frame' || content.type === BRIDGED;
  if (isFrame && content.at + 14 > payload.end) return 'none';
  const ip = ipIn(packet, content);
  if (typeof ip === 'string') return ip;
  const isCut = around.isCut || payload.isPart || content.isCut === true;
  const vlans = ip.ids.filter((id) => id > 0);
  const ends = [...vlans.slice(0, 1), ...vlans.slice(1).slice(-1)];
  const place = `${around.place}${content.name}[${fromCharCode(...ends)}]`;
  return { at: ip.at, version: ip.type === IPV4 ? 4 : 6, place, isCut };
}

function ipIn(packet: Packet, { at, type }: Content) {
  const start =
    type === 'frame' || type === BRIDGED ? ethernetWithin(packet, at) : { at, type, ids: [] };
  if (typeof start === 'string') return start === 'cut' ? 'cut' : 'none';
  const found = ipWithin(packet, start.at, start.type);
  if (typeof found === 'string') return found === 'cut' ? 'cut' : 'none';
  return { ...found, ids: [...start.ids, ...found.ids] };
}

function ofIpv4(packet: Packet, at: number): Payload | undefined {
  need(packet, at + 20);
  const headerLength = (byte(packet, at) & 15) * 4;
  const fragment = word(packet, at + 6);
  if (byte(packet, at) >> 4 !== 4 || headerLength < 20 || (fragment & 0x1fff) > 0) return undefined;
  const length = word(packet, at + 2);
  const end = length === 0 ? packet.wire : at + length;
  const isPart = (fragment & 0x2000) > 0;
  return { protocol: byte(packet, at + 9), at: at + headerLength, end, isPart };
}

function ofIpv6(packet: Packet, start: number): Payload | 'malformed' | undefined {
  need(packet, start + 8);
  const length = word(packet, start + 4);
  let protocol = byte(packet, start + 6);
  const isPart = protocol === 44;
  let at = start + 40;
  const end = length === 0 ? packet.wire : at + length;
  if (end < at) return undefined;
  for (let count = 0; [0, 43, 44, 51, 60].includes(protocol); count++) {
    if (count === MOST_EXTENSIONS || at + 8 > end) return 'malformed';
    need(packet, at + 8);
    if (protocol === 44 && word(packet, at + 2) >> 3 > 0) return 'malformed';
    const units = byte(packet, at + 1);
    const size = protocol === 44 ? 8 : protocol === 51 ? (units + 2) * 4 : (units + 1) * 8;
    protocol = byte(packet, at);
    at += size;
    if (at > end) return 'malformed';
  }
  return { protocol, at, end, isPart };
}

function contentOf(packet: Packet, payload: Payload, version: 4 | 6): Content | undefined {
  const { protocol, at } = payload;
  if (protocol === 4) return { name: `4in${version}`, at, type: IPV4 };
  if (protocol === 41) return { name: `6in${version}`, at, type: IPV6 };
  if (protocol === 47) return ofGre(packet, payload);
  return protocol === 17 ? ofUdp(packet, payload) : undefined;
}

function ofGre(packet: Packet, payload: Payload): Content | undefined {
  const { at } = payload;
  if (!promised(packet, payload, at + 4)) return undefined;
  const [flags, type] = [word(packet, at), word(packet, at + 2)];
  if (flags & 0x4007) return undefined;
  let next = at + (flags & 0x8000 ? 8 : 4);
  let name = 'gre';
  if (flags & 0x2000) {
    if (!promised(packet, payload, next + 4)) return undefined;
    name = `gre ${long(packet, next)}`;
    next += 4;
  }
  const isNumbered = (flags & 0x1000) > 0;
  if (isNumbered) next += 4;
  if (type === 0x88be && !isNumbered) return { name: 'erspan', at: next, type: 'frame' };
  if (type === 0x88be || type === 0x22eb) return ofErspan(packet, payload, next, type === 0x88be);
  return { name, at: next, type };
}

function ofErspan(
  packet: Packet,
  payload: Payload,
  at: number,
  isSecond: boolean,
): Content | undefined {
  if (!promised(packet, payload, at + 4)) return undefined;
  const first = word(packet, at + 2);
  if (byte(packet, at) >> 4 !== (isSecond ? 1 : 2)) return undefined;
  const content = { name: `erspan ${first & 0x3ff}`, isCut: (first & 0x400) > 0 };
  if (isSecond) return { ...content, at: at + 8, type: 'frame' };
  need(packet, at + 12);
  const last = word(packet, at + 10);
  if (last & 0x7c00) return undefined;
  return { ...content, at: at + (last & 1 ? 20 : 12), type: 'frame' };
}

function ofUdp(packet: Packet, payload: Payload): Content | undefined {
  const start = payload.at;
  if (!promised(packet, payload, start + 8)) return undefined;
  const port = word(packet, start + 2);
  const at = start + 8;
  if (![4789, 8472, 6081, 2152].includes(port)) return undefined;
  if (!promised(packet, payload, at + 8)) return undefined;
  const first = byte(packet, at);
  const vni = word(packet, at + 4) * 256 + byte(packet, at + 6);
  if (port === 2152) return ofGtp(packet, payload, at);
  if (port !== 6081) {
    return first & 8 ? { name: `vxlan ${vni}`, at: at + 8, type: 'frame' } : undefined;
  }
  if (first >> 6 > 0 || byte(packet, at + 1) & 0x80) return undefined;
  const next = at + 8 + (first & 63) * 4;
  return { name: `geneve ${vni}`, at: next, type: word(packet, at + 2) };
}

function ofGtp(packet: Packet, payload: Payload, start: number): Content | undefined {
  const first = byte(packet, start);
  if (first >> 4 !== 3 || byte(packet, start + 1) !== 255) return undefined;
  let at = start + 8;
  if (first & 7) {
    if (!promised(packet, payload, at + 4)) return undefined;
    let next = first & 4 ? byte(packet, at + 3) : 0;
    at += 4;
    for (let count = 0; next > 0; count++) {
      if (count === 4 || !promised(packet, payload, at + 1)) return undefined;
      const length = byte(packet, at) * 4;
      if (length === 0) return undefined;
      at += length;
      need(packet, at);
      next = byte(packet, at - 1);
    }
  }
  if (!promised(packet, payload, at + 1)) return undefined;
  const version = byte(packet, at) >> 4;
  if (version !== 4 && version !== 6) return undefined;
  return { name: 'gtp', at, type: version === 4 ? IPV4 : IPV6 };
}

/** Whether IP says that there is so much; then it has to be there. */
function promised(packet: Packet, { end }: Payload, to: number): boolean {
  if (to > end) return false;
  need(packet, to);
  return true;
}

function need({ bytes }: Packet, end: number): void {
  if (end > bytes.length) throw new Cut();
}

function byte({ bytes }: Packet, at: number): number {
  return bytes[at] as number;
}

function word(packet: Packet, at: number): number {
  return byte(packet, at) * 256 + byte(packet, at + 1);
}

function long(packet: Packet, at: number): number {
  return word(packet, at) * 65_536 + word(packet, at + 2);
}
