/** What a capture says of the interfaces it was taken on. */
import type { LinkLayer } from '../core/link-layer.js';
import { linkTypeText } from './link-type-names.js';

/** How its packets' times are to be read. */
export interface TimeUnits {
  /** A time is high * highWeight + low ticks. */
  readonly highWeight: bigint;
  /** A tick is multiplier / divisor nanoseconds, ... */
  readonly multiplier: bigint;
  readonly divisor: bigint;
  /** ... or where this is not 0, 2 to the power of minus this in seconds. */
  readonly binaryDigits: number;
  /** Added to all times, in seconds. */
  readonly offset: bigint;
  /** Of ticks, where there are fewer than the core can have; more are no time. */
  readonly mostTicks?: bigint;
}

export interface CaptureInterface {
  readonly linkLayer: LinkLayer;
  readonly time: TimeUnits;
  /** Where it is told. */
  readonly name?: string;
  /** For tests: that a packet is as long as is said. Of captures it may be what the length was cut to. */
  readonly exactLengths?: boolean;
}

/** Seconds from here on, in 2097, are those of up to eight years before 1970. */
const FIRST_NEGATIVE = 0xf000_0000n;

/** Of 32 bits each. */
export function secondsAnd(fraction: 'microseconds' | 'nanoseconds'): TimeUnits {
  const highWeight = fraction === 'nanoseconds' ? 1_000_000_000n : 1_000_000n;
  return {
    highWeight,
    multiplier: 1_000_000_000n / highWeight,
    divisor: 1n,
    binaryDigits: 0,
    offset: 0n,
    mostTicks: FIRST_NEGATIVE * highWeight - 1n,
  };
}

/** https://www.tcpdump.org/linktypes.html; raw IP has several numbers, by the system that captured. */
const LINK_LAYERS: Readonly<Record<number, LinkLayer>> = {
  0: 'family', // NULL
  1: 'ethernet',
  9: 'ppp',
  12: 'ip', // RAW, of most systems
  14: 'ip', // of OpenBSD
  50: 'ppp', // PPP_HDLC
  51: 'pppoe', // PPP_ETHER
  101: 'ip',
  104: 'ppp', // C_HDLC
  105: 'wifi', // IEEE802_11
  108: 'family', // LOOP
  113: 'cooked', // LINUX_SLL
  119: 'wifiPrism',
  127: 'wifiRadiotap',
  149: 'pktap', // USER2, which is private: Apple's, before it had a number
  163: 'wifiAvs',
  192: 'ppi',
  228: 'ip', // IPV4
  229: 'ip', // IPV6
  239: 'nflog',
  258: 'pktap',
  276: 'cookedV2', // LINUX_SLL2
};

/** Those that can be read. */
export const LINK_TYPES: readonly (readonly [number, LinkLayer])[] = Object.entries(
  LINK_LAYERS,
).map(([linkType, linkLayer]) => [Number(linkType), linkLayer]);

/** As in messages. */
const READABLE: readonly string[] = [
  'Ethernet',
  'Linux cooked',
  'raw IP',
  'BSD loopback',
  'PPP',
  'PPPoE',
  'Cisco HDLC',
  'IEEE 802.11 with any header',
  'PPI',
  'NFLOG',
  'PKTAP',
];

export function unsupportedText(...linkTypes: readonly number[]): string {
  const types = linkTypes.length === 1 ? 'type' : 'types';
  const are = linkTypes.length === 1 ? 'is' : 'are';
  const names = linkTypes.map(linkTypeText).join(', ');
  return `link ${types} ${names} ${are} not supported (supported: ${READABLE.join(', ')})`;
}

/** Undefined for those that cannot be read. */
export function linkLayerFor(linkType: number): LinkLayer | undefined {
  return LINK_LAYERS[linkType];
}
