/** Headers that only captures have around a packet, made by hand. */
import type { LinkLayer } from '../../../src/core/link-layer.js';

export const WIFI_DATA = 0x08;
export const WIFI_QOS_DATA = 0x88;

export interface Wifi {
  /** Of the frame control field, the first byte and the second. */
  readonly control?: number;
  readonly flags?: number;
  readonly fragment?: number;
  /** The first byte of the QoS field. */
  readonly qos?: number;
  /** Between the header and LLC. */
  readonly padding?: number;
}

const TO_AND_FROM = 3;
const ORDER = 0x80;

/** An IEEE 802.11 header, without LLC. */
export function wifiHeader({ control = WIFI_DATA, flags = 1, ...rest }: Wifi = {}): Buffer {
  const { fragment = 0, qos = 0, padding = 0 } = rest;
  const addresses = Buffer.alloc((flags & TO_AND_FROM) === TO_AND_FROM ? 6 : 0, 4);
  const isQos = control >= 0x80;
  const qosField = isQos ? Buffer.from([qos, 0]) : Buffer.alloc(0);
  const htControl = Buffer.alloc(isQos && (flags & ORDER) > 0 ? 4 : 0, 9);
  const start = Buffer.from([control, flags, 0x2c, 0, ...Array(18).fill(2), 0x10 | fragment, 0x7b]);
  return Buffer.concat([start, addresses, qosField, htControl, Buffer.alloc(padding)]);
}

/** LLC and SNAP, but for the ethertype. */
export const LLC = Buffer.from([0xaa, 0xaa, 3, 0, 0, 0]);

/** A radiotap header whose fields are what `present` says, as bytes. */
export function radiotapHeader(present: readonly number[], fields: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * present.length + fields.length);
  header.writeUInt16LE(header.length, 2);
  present.forEach((word, index) => {
    header.writeUInt32LE(word >>> 0, 4 + 4 * index);
  });
  header.set(fields, 4 + 4 * present.length);
  return header;
}

export function prismHeader(): Buffer {
  const header = Buffer.alloc(144);
  header.writeUInt32LE(0x44, 0);
  header.writeUInt32LE(144, 4);
  header.write('wlan0', 8);
  return header;
}

export function avsHeader(): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x80211001, 0);
  header.writeUInt32BE(64, 4);
  return header;
}

export function ppiHeader(linkType: number, fields = 0): Buffer {
  const header = Buffer.alloc(8 + fields);
  header.writeUInt16LE(header.length, 2);
  header.writeUInt32LE(linkType, 4);
  return header;
}

export const PKTAP_IN = 1;
export const PKTAP_OUT = 2;

export interface Pktap {
  readonly linkType?: number;
  readonly flags?: number;
  readonly name?: string;
  /** Of the header. */
  readonly length?: number;
  readonly next?: number;
}

export function pktapHeader(pktap: Pktap = {}): Buffer {
  const { linkType = 1, flags = 0, name = 'en0', length = 108, next = 1 } = pktap;
  const header = Buffer.alloc(length);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(next, 4);
  header.writeUInt32LE(linkType, 8);
  header.write(name, 12);
  header.writeUInt32LE(flags, 36);
  return header;
}

/** Of its second version, which has the name somewhere. */
export function pktapV2Header({ linkType = 1, flags = 0, name = 'en0' }: Pktap = {}): Buffer {
  const header = Buffer.alloc(40 + 24);
  header.writeUInt8(header.length, 0);
  header.writeUInt8(40, 3);
  header.writeUInt16LE(linkType, 6);
  header.writeUInt32LE(flags | 0x80000, 36);
  header.write(name, 40);
  return header;
}

export const NFLOG_PAYLOAD = 9;

/** A field of NFLOG; `length` is what it says, if that is not true. */
export function nflogField(type: number, value: Buffer, little = true, length?: number): Buffer {
  const header = Buffer.alloc(4);
  const says = length ?? 4 + value.length;
  if (little) header.writeUInt16LE(says, 0);
  else header.writeUInt16BE(says, 0);
  if (little) header.writeUInt16LE(type, 2);
  else header.writeUInt16BE(type, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** Its packet header field. */
export function nflogHook(hook: number, little = true): Buffer {
  return nflogField(1, Buffer.from([8, 0, hook, 0]), little);
}

const [IPV4, IPV6] = [2, 10];

export function nflogHeader(version: 4 | 6): Buffer {
  return Buffer.from([version === 4 ? IPV4 : IPV6, 0, 0, 0]);
}

/** Up to where an ethertype would follow; for NFLOG up to IP. */
const HEADERS: Partial<Record<LinkLayer, (version: 4 | 6) => Buffer>> = {
  wifi: () => Buffer.concat([wifiHeader({ control: WIFI_QOS_DATA, flags: 3 }), LLC]),
  wifiRadiotap: () => Buffer.concat([radiotapHeader([7], Array(10).fill(0)), wifiHeader(), LLC]),
  wifiPrism: () => Buffer.concat([prismHeader(), wifiHeader(), LLC]),
  wifiAvs: () => Buffer.concat([avsHeader(), wifiHeader(), LLC]),
  ppi: () => Buffer.concat([ppiHeader(105, 12), wifiHeader({ flags: 2 }), LLC]),
  pktap: () => Buffer.concat([pktapHeader({ flags: PKTAP_IN }), Buffer.alloc(12, 2)]),
  // A payload that was longer, as far as that is said here: what follows may be changed.
  nflog: (version) =>
    Buffer.concat([
      nflogHeader(version),
      nflogHook(4),
      nflogField(NFLOG_PAYLOAD, Buffer.alloc(0), true, 0xffff),
    ]),
};

export function isWrapped(linkLayer: LinkLayer): boolean {
  return HEADERS[linkLayer] !== undefined;
}

export function wrapperHeader(linkLayer: LinkLayer, version: 4 | 6): Buffer {
  return HEADERS[linkLayer]?.(version) ?? Buffer.alloc(0);
}
