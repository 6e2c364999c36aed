/** What a capture says of the interfaces it was taken on. */
import type { LinkLayer } from '../link-layer.js';

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
}

export interface CaptureInterface {
  readonly linkLayer: LinkLayer;
  readonly time: TimeUnits;
}

/** https://www.tcpdump.org/linktypes.html; raw IP has several numbers, by the system that captured. */
const LINK_TYPES: Readonly<Record<number, LinkLayer>> = {
  0: 'family', // NULL
  1: 'ethernet',
  12: 'ip', // RAW, of most systems
  14: 'ip', // of OpenBSD
  101: 'ip',
  108: 'family', // LOOP
  113: 'cooked', // LINUX_SLL
  228: 'ip', // IPV4
  229: 'ip', // IPV6
  276: 'cookedV2', // LINUX_SLL2
};

export const KNOWN_LINK_TYPES = 'Ethernet, Linux cooked, raw IP, BSD loopback';

/** Undefined for those that cannot be read. */
export function linkLayerFor(linkType: number): LinkLayer | undefined {
  return LINK_TYPES[linkType];
}
