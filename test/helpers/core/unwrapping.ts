/**
 * Headers that only captures have, read by their documents: a second opinion on what bpf/replay/wrapped.h
 * makes of them, which shares nothing with it.
 */
import type { LinkLayer } from '../../../src/core/link-layer.js';
import type { Unreadable } from './reading.js';

/** What a header is around. */
export interface Inner {
  readonly bytes: Uint8Array;
  /** Bytes that it had. */
  readonly wire: number;
  readonly link: LinkLayer;
}

export interface Unwrapped {
  readonly inner: Inner | Unreadable | 'cut';
  readonly hook?: 'egress' | 'ingress';
  readonly toThisHost?: boolean;
  /** The interface's name. */
  readonly place?: string;
}

type Unwrap = (bytes: Uint8Array, wire: number) => Unwrapped;

// See random.ts.
const { fromCharCode } = String;
const Bytes = Uint8Array;
const DataViews = DataView;

const LINK_TYPES: Readonly<Record<number, LinkLayer>> = {
  ...{ 0: 'family', 1: 'ethernet', 12: 'ip', 14: 'ip', 101: 'ip', 105: 'wifi', 108: 'family' },
  ...{ 113: 'cooked', 119: 'wifiPrism', 127: 'wifiRadiotap', 149: 'pktap', 163: 'wifiAvs' },
  ...{ 9: 'ppp', 50: 'ppp', 51: 'pppoe', 104: 'ppp' },
  ...{ 192: 'ppi', 228: 'ip', 229: 'ip', 239: 'nflog', 258: 'pktap', 276: 'cookedV2' },
};
const WRAPPERS: Partial<Record<LinkLayer, Unwrap>> = {
  nflog,
  pktap,
  ppi,
  wifi: (bytes, wire) => ({ inner: wifi(bytes, wire) }),
  wifiRadiotap: (bytes, wire) => ({ inner: radiotap(bytes, wire) }),
  wifiPrism: (bytes, wire) => ({ inner: isAvs(bytes) ? avs(bytes, wire) : prism(bytes, wire) }),
  wifiAvs: (bytes, wire) => ({ inner: avs(bytes, wire) }),
};
const LOOPBACK = 772;

/** Takes off at most two such headers. */
export function unwrap(bytes: Uint8Array, wire: number, link: LinkLayer): Unwrapped {
  const outer = WRAPPERS[link]?.(bytes, wire);
  if (outer === undefined) return { inner: { bytes, wire, link } };
  if (typeof outer.inner === 'string') return outer;
  const { inner } = outer;
  const second = WRAPPERS[inner.link]?.(inner.bytes, inner.wire);
  if (second === undefined) return outer;
  const last = second.inner;
  const isTooMuch = typeof last !== 'string' && WRAPPERS[last.link] !== undefined;
  return { ...second, ...outer, inner: isTooMuch ? 'notIp' : last };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataViews(bytes.buffer, bytes.byteOffset, bytes.length);
}

function after(bytes: Uint8Array, wire: number, length: number, link: LinkLayer): Inner | 'cut' {
  if (length > bytes.length) return 'cut';
  return { bytes: bytes.subarray(length), wire: wire - length, link };
}

/** With LLC and SNAP as the end of an Ethernet header. */
function llc(bytes: Uint8Array, wire: number, at: number): Inner | Unreadable | 'cut' {
  if (bytes.length < at + 8) return 'cut';
  const start = Buffer.from(bytes.subarray(at, at + 6)).toString('hex');
  if (start !== 'aaaa03000000' && start !== 'aaaa030000f8') return 'notIp';
  const ethernet = new Bytes(12 + bytes.length - at - 6);
  ethernet.set(bytes.subarray(at + 6), 12);
  return { bytes: ethernet, wire: wire - at - 6 + 12, link: 'ethernet' };
}

function wifi(bytes: Uint8Array, wire: number, isPadded = false): Inner | Unreadable | 'cut' {
  if (bytes.length < 2) return 'cut';
  const [control = 0, flags = 0] = bytes;
  const [version, type, subtype] = [control & 3, (control >> 2) & 3, control >> 4];
  const [toDs, fromDs, isProtected, isOrdered] = [flags & 1, flags & 2, flags & 64, flags & 128];
  if (version !== 0 || type !== 2 || (subtype & 4) > 0 || isProtected > 0) return 'notIp';
  const isQos = subtype >= 8;
  const addresses = toDs > 0 && fromDs > 0 ? 4 : 3;
  let at = 4 + 6 * addresses + 2;
  const qosAt = at;
  if (isQos) at += 2;
  if (isQos && isOrdered > 0) at += 4;
  if (isPadded && at % 4 > 0) at += 4 - (at % 4);
  if (bytes.length < at) return 'cut';
  if (((bytes[22] as number) & 15) > 0) return 'fragment';
  const isAggregate = isQos && ((bytes[qosAt] as number) & 128) > 0;
  if (isAggregate) at += 14;
  return llc(bytes, wire, at);
}

function radiotap(bytes: Uint8Array, wire: number): Inner | Unreadable | 'cut' {
  if (bytes.length < 8) return 'cut';
  const view = viewOf(bytes);
  const length = view.getUint16(2, true);
  if (view.getUint8(0) !== 0 || length < 8) return 'malformed';
  if (bytes.length < length) return 'cut';
  const present = view.getUint32(4, true);
  let words = 1;
  for (let word = present; word >= 2 ** 31 && 8 + 4 * words <= length; words++) {
    word = view.getUint32(4 + 4 * words, true);
  }
  let at = 4 + 4 * words;
  if (present % 2 === 1) at = Math.ceil(at / 8) * 8 + 8;
  const flags = (present & 2) > 0 && at < length ? view.getUint8(at) : 0;
  if ((flags & 0x40) > 0) return 'malformed';
  return wifi(bytes.subarray(length), wire - length, (flags & 0x20) > 0);
}

function prism(bytes: Uint8Array, wire: number): Inner | Unreadable | 'cut' {
  return bytes.length < 144 ? 'cut' : wifi(bytes.subarray(144), wire - 144);
}

function isAvs(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [0x80211001, 0x80211002].includes(viewOf(bytes).getUint32(0));
}

function avs(bytes: Uint8Array, wire: number): Inner | Unreadable | 'cut' {
  if (bytes.length < 8) return 'cut';
  const length = viewOf(bytes).getUint32(4);
  if (!isAvs(bytes) || length < 8) return 'malformed';
  return bytes.length < length ? 'cut' : wifi(bytes.subarray(length), wire - length);
}

function ppi(bytes: Uint8Array, wire: number): Unwrapped {
  if (bytes.length < 8) return { inner: 'cut' };
  const view = viewOf(bytes);
  if (view.getUint8(0) !== 0) return { inner: 'malformed' };
  return { inner: around(bytes, wire, view.getUint16(2, true), 8, view.getUint32(4, true)) };
}

function around(
  bytes: Uint8Array,
  wire: number,
  length: number,
  least: number,
  linkType: number,
): Unwrapped['inner'] {
  const link = LINK_TYPES[linkType];
  if (link === undefined) return 'notIp';
  return length < least ? 'malformed' : after(bytes, wire, length, link);
}

function pktap(bytes: Uint8Array, wire: number): Unwrapped {
  if (bytes.length < 40) return { inner: 'cut' };
  const view = viewOf(bytes);
  const flags = view.getUint32(36, true);
  const isSecond = (flags & 0x80000) > 0;
  const nameAt = isSecond ? view.getUint8(3) : 12;
  const name = fromCharCode(...bytes.subarray(nameAt, nameAt + 24)).split('\0')[0] ?? '';
  const told = {
    place: `${name}:`,
    ...((flags & 3) > 0 && { hook: (flags & 1) > 0 ? ('ingress' as const) : ('egress' as const) }),
  };
  if (isSecond) {
    const linkType = view.getUint16(6, true);
    return { ...told, inner: around(bytes, wire, view.getUint8(0), 40, linkType) };
  }
  if (view.getUint32(4, true) !== 1) return { ...told, inner: 'notIp' };
  const inner = around(bytes, wire, view.getUint32(0, true), 40, view.getUint32(8, true));
  return { ...told, inner };
}

function nflog(bytes: Uint8Array): Unwrapped {
  if (bytes.length < 4) return { inner: 'cut' };
  const [family = 0, version = 0] = bytes;
  if (version !== 0 || ![2, 7, 10].includes(family)) return { inner: 'notIp' };
  if (bytes.length < 8) return { inner: 'cut' };
  const view = viewOf(bytes);
  const little = view.getUint16(6, true) < 256;
  let told: Omit<Unwrapped, 'inner'> = {};
  for (let at = 4, fields = 0; ; fields++) {
    if (fields === 64) return { ...told, inner: 'malformed' };
    if (at + 4 > bytes.length) return { ...told, inner: 'cut' };
    const [length, type] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    if (length < 4) return { ...told, inner: 'malformed' };
    if (type === 9) {
      return { ...told, inner: payload(bytes.subarray(at + 4, at + length), length - 4, family) };
    }
    const next = at + 4 * Math.ceil(length / 4);
    if (next > bytes.length) return { ...told, inner: 'cut' };
    if (type === 1 && next >= at + 8) told = sideOf(view.getUint8(at + 6)) ?? told;
    if (type === 15 && next >= at + 8 && view.getUint16(at + 4) === LOOPBACK) told = {};
    at = next;
  }
}

function sideOf(hook: number): Omit<Unwrapped, 'inner'> | undefined {
  if (hook === 0) return { hook: 'ingress' };
  if (hook === 1) return { hook: 'ingress', toThisHost: true };
  return hook === 3 || hook === 4 ? { hook: 'egress' } : undefined;
}

function payload(bytes: Uint8Array, wire: number, family: number): Unwrapped['inner'] {
  const version = family === 2 ? 4 : 6;
  const isWrong = family !== 7 && bytes.length > 0 && (bytes[0] as number) >> 4 !== version;
  return isWrong ? 'malformed' : { bytes, wire, link: 'ip' };
}
