/**
 * Where IP begins in what carries it at the link layer: a second opinion on what bpf/parse/carriers.h
 * makes of it, which shares nothing with it.
 */

/** Where IP begins, the ethertype for it, and the ids of VLAN tags before it, outermost first. */
export interface Found {
  readonly at: number;
  readonly type: number;
  readonly ids: readonly number[];
}

export type Missed = 'notIp' | 'cut';

/** Of a packet, what is there, and how long it was. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly wire: number;
}

/** One way to read what follows the labels, and how good it is. */
interface Attempt extends Found {
  readonly rank: number;
}

const [NOT_THIS, CUT, PLAUSIBLE, CERTAIN] = [0, 1, 2, 3] as const;
const [IPV4, IPV6, PPPOE, PPP] = [0x0800, 0x86dd, 0x8864, 0x880b] as const;
const MPLS = [0x8847, 0x8848];
const TAGS = [0x8100, 0x88a8, 0x9100];
const [MOST_TAGS, MOST_LABELS] = [4, 8] as const;
const CONTROL_WORD = 4;
const PROTOCOLS: Readonly<Record<number, number>> = {
  33: IPV4,
  87: IPV6,
  641: 0x8847,
  643: 0x8848,
};

/** @param type what is at `at`, as an ethertype */
export function ipWithin(packet: Packet, at: number, type: number, labels = 0): Found | Missed {
  if (type === IPV4 || type === IPV6) return { at, type, ids: [] };
  if (MPLS.includes(type)) return belowLabels(packet, at, labels);
  if (type === PPPOE) {
    if (!has(packet, at + 6)) return 'cut';
    return isSession(packet, at) ? afterProtocol(packet, at + 6, labels) : 'notIp';
  }
  return type === PPP ? ofLine(packet, at, labels) : 'notIp';
}

/** What a frame of Ethernet has that seems to carry IP. */
export function ethernetWithin(packet: Packet, at: number): Found | Missed {
  const found = ethernet(packet, at);
  if (found.rank === CUT) return 'cut';
  return found.rank === NOT_THIS ? 'notIp' : found;
}

function ofLine(packet: Packet, at: number, labels: number): Found | Missed {
  if (!has(packet, at + 2)) return 'cut';
  const [address, control] = [byte(packet, at), byte(packet, at + 1)];
  if (address === 0xff && control === 3) return afterProtocol(packet, at + 2, labels);
  const isCisco = (address === 0x0f || address === 0x8f) && control === 0;
  if (!isCisco) return afterProtocol(packet, at, labels);
  if (!has(packet, at + 4)) return 'cut';
  return ipWithin(packet, at + 4, word(packet, at + 2), labels);
}

function afterProtocol(packet: Packet, at: number, labels: number): Found | Missed {
  if (!has(packet, at + 2)) return 'cut';
  const isShort = byte(packet, at) % 2 === 1;
  const type = PROTOCOLS[isShort ? byte(packet, at) : word(packet, at)];
  return type === undefined ? 'notIp' : ipWithin(packet, at + (isShort ? 1 : 2), type, labels);
}

function belowLabels(packet: Packet, from: number, before: number): Found | Missed {
  for (let labels = before, at = from; labels < MOST_LABELS; labels++, at += 4) {
    if (!has(packet, at + 4)) return 'cut';
    if (byte(packet, at + 2) % 2 === 1) return ofPayload(packet, at + 4, labels + 1);
  }
  return 'notIp';
}

function ofPayload(packet: Packet, at: number, labels: number): Found | Missed {
  if (!has(packet, at + 1)) return 'cut';
  const nibble = byte(packet, at) >> 4;
  const attempts = [ethernet(packet, at)];
  if (nibble === 0) attempts.unshift(ethernet(packet, at + CONTROL_WORD));
  if (nibble === 4) attempts.unshift(attempt(packet, at, IPV4, []));
  if (nibble === 6) attempts.unshift(attempt(packet, at, IPV6, []));
  const best = attempts.reduce((one, other) => (other.rank > one.rank ? other : one));
  if (best.rank === NOT_THIS) return 'notIp';
  if (best.rank === CUT) return 'cut';
  const found = ipWithin(packet, best.at, best.type, labels);
  return typeof found === 'string' ? found : { ...found, ids: [...best.ids, ...found.ids] };
}

function ethernet(packet: Packet, start: number): Attempt {
  const cut = { at: start, type: 0, ids: [], rank: CUT };
  if (!has(packet, start + 14)) return cut;
  const ids: number[] = [];
  let at = start + 14;
  for (let tag = 0; tag < MOST_TAGS && TAGS.includes(word(packet, at - 2)); tag++) {
    at += 4;
    if (!has(packet, at)) return cut;
    ids.push(word(packet, at - 4) & 0xfff);
  }
  return attempt(packet, at, word(packet, at - 2), ids);
}

function attempt(packet: Packet, at: number, type: number, ids: readonly number[]): Attempt {
  return { at, type, ids, rank: rankOf(packet, at, type) };
}

function rankOf(packet: Packet, at: number, type: number): number {
  if (type === PPPOE) {
    if (!has(packet, at + 2)) return CUT;
    return isSession(packet, at) ? PLAUSIBLE : NOT_THIS;
  }
  if (type !== IPV4 && type !== IPV6) return NOT_THIS;
  if (!has(packet, at + 1)) return CUT;
  const first = byte(packet, at);
  if (first >> 4 !== (type === IPV4 ? 4 : 6)) return NOT_THIS;
  if (type === IPV4 && (first & 15) < 5) return NOT_THIS;
  const isCertain = type === IPV4 ? sumsUp(packet, at, (first & 15) * 4) : ends(packet, at);
  return isCertain ? CERTAIN : PLAUSIBLE;
}

function isSession(packet: Packet, at: number): boolean {
  return byte(packet, at) === 0x11 && byte(packet, at + 1) === 0;
}

/** Whether it is an IPv4 header with a right checksum (RFC 1071). */
function sumsUp(packet: Packet, at: number, length: number): boolean {
  if (!has(packet, at + length)) return false;
  let sum = 0;
  for (let next = at; next < at + length; next += 2) sum += word(packet, next);
  return sum > 0 && sum % 0xffff === 0;
}

/** Whether an IPv6 packet ends where the frame does. */
function ends(packet: Packet, at: number): boolean {
  return has(packet, at + 6) && at + 40 + word(packet, at + 4) === packet.wire;
}

function has({ bytes }: Packet, end: number): boolean {
  return end <= bytes.length;
}

function byte({ bytes }: Packet, at: number): number {
  return bytes[at] as number;
}

function word(packet: Packet, at: number): number {
  return byte(packet, at) * 256 + byte(packet, at + 1);
}
