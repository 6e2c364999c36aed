/** What may be wrong with the IP header and with what follows it up to TCP. */

import type { Random } from '../../../lab/random.js';
import type { Kind } from './hostile-link.js';
import type { Scratch } from './scratch.js';

const { max } = Math;

/** Hop-by-hop, routing, fragment, AH and destination options, and what is no extension or is not followed. */
const NEXT = [0, 43, 44, 51, 60, 50, 59, 135, 139, 140, 4, 6, 17, 41, 58, 253, 255];
const FOLLOWED = NEXT.slice(0, 5);
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const MOST_EXTENSIONS = 8;
/** In units of eight bytes, IPv4's three flags above them. */
const FRAGMENT_OFFSETS = [0, 1, 2, 3, 8, 0xb9, 0x1000, 0x1fff];

export const IP_KINDS: readonly Kind[] = [
  {
    name: 'IP version',
    variants: 16,
    change(packet, variant) {
      packet.set8(packet.ip, (variant << 4) | (packet.get8(packet.ip) & 15));
    },
  },
  {
    name: 'protocol',
    variants: 256,
    change(packet, variant) {
      packet.set8(packet.protocol, variant);
    },
  },
  {
    name: 'IP length',
    variants: 320,
    change(packet, variant) {
      const values = [0x7fff, 0x8000, 0xfffe, 0xffff];
      packet.set16(packet.ipLength, values[variant - 316] ?? variant);
    },
  },
  {
    name: 'IP length off by some',
    variants: 128,
    change(packet, variant) {
      packet.set16(packet.ipLength, max(0, packet.trueIpLength + variant - 64));
    },
  },
  {
    name: 'IPv4 header length',
    variants: 16,
    version: 4,
    change(packet, variant) {
      packet.set8(packet.ip, 0x40 | variant);
    },
  },
  {
    name: 'IPv4 options',
    variants: 10,
    version: 4,
    change(packet, variant, random) {
      const had = (packet.get8(packet.ip) & 15) * 4 - 20;
      const length = (variant + 1) * 4;
      packet.insert(packet.ip + 20, length - had);
      packet.set8(packet.ip, 0x46 + variant);
      for (let at = 0; at < length; at++) packet.set8(packet.ip + 20 + at, random.below(256));
      packet.set16(packet.ipLength, packet.trueIpLength);
    },
  },
  {
    name: 'IPv4 fragment',
    variants: FRAGMENT_OFFSETS.length * 8,
    version: 4,
    change(packet, variant) {
      const offset = FRAGMENT_OFFSETS[variant >> 3] ?? 0;
      packet.set16(packet.ip + 6, ((variant & 7) << 13) | offset);
    },
  },
  {
    name: 'tiny first fragment',
    variants: 64,
    change(packet, variant) {
      packet.length = Math.min(packet.length, packet.tcp + variant);
      if (packet.version === 4) packet.set16(packet.ip + 6, 0x2000);
      packet.set16(packet.ipLength, packet.trueIpLength);
    },
  },
  {
    name: 'extension chain',
    variants: MOST_EXTENSIONS * NEXT.length,
    version: 6,
    change(packet, variant, random) {
      const depth = 1 + (variant % MOST_EXTENSIONS);
      const first = NEXT[(variant - (variant % MOST_EXTENSIONS)) / MOST_EXTENSIONS] ?? 0;
      // Innermost first: each is put before the others. The first one is the variant's.
      for (let left = depth - 1; left >= 0; left--) {
        const kinds = random.below(6) === 0 ? NEXT : FOLLOWED;
        const kind = left === 0 ? first : (kinds[random.below(kinds.length)] ?? 0);
        pushExtension(packet, kind, random.below(3), random);
      }
    },
  },
  {
    name: 'extension length',
    variants: FOLLOWED.length * 256,
    version: 6,
    change(packet, variant, random) {
      pushExtension(packet, FOLLOWED[variant >> 8] ?? 0, 0, random);
      packet.set8(packet.ip + 41, variant & 255);
    },
  },
  {
    name: 'long extension',
    variants: FOLLOWED.length * 256,
    version: 6,
    change(packet, variant, random) {
      pushExtension(packet, FOLLOWED[variant >> 8] ?? 0, variant & 255, random);
    },
  },
  {
    name: 'IPv6 fragment',
    variants: FRAGMENT_OFFSETS.length * 8,
    version: 6,
    change(packet, variant, random) {
      pushExtension(packet, FRAGMENT, 0, random);
      packet.set16(packet.ip + 42, ((FRAGMENT_OFFSETS[variant >> 3] ?? 0) << 3) | (variant & 7));
    },
  },
  {
    name: 'addresses',
    variants: 4,
    change(packet, variant) {
      const width = packet.version === 4 ? 4 : 16;
      const from = packet.ip + (packet.version === 4 ? 12 : 8);
      // To itself (and, by variant, from its own port), from nowhere, to everyone.
      if (variant < 2) packet.bytes.copyWithin(from + width, from, from + width);
      if (variant === 1) packet.bytes.copyWithin(packet.tcp + 2, packet.tcp, packet.tcp + 2);
      if (variant === 2) packet.bytes.fill(0, from, from + width);
      if (variant === 3) packet.bytes.fill(255, from + width, from + 2 * width);
    },
  },
  {
    name: 'IP checksum',
    variants: 4,
    version: 4,
    change(packet, _, random) {
      packet.set16(packet.ip + 10, random.below(65_536));
    },
  },
];

/** As the first one after the IPv6 header, with the right length, given in the header's own units. */
function pushExtension(packet: Scratch, kind: number, units: number, random: Random): void {
  const at = packet.ip + 40;
  // Of AH the units are half as long, but two more; a fragment header has none.
  const length =
    kind === FRAGMENT ? 8 : kind === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
  packet.insert(at, length);
  packet.set8(at, packet.get8(packet.protocol));
  packet.set8(at + 1, kind === FRAGMENT ? random.below(256) : units);
  packet.set8(packet.protocol, kind);
  if (kind === FRAGMENT) packet.set16(at + 2, random.below(3));
  packet.set16(packet.ipLength, packet.trueIpLength);
}
