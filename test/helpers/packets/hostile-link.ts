/** What may be wrong below IP, and with any packet. */
import type { Random } from '../../../lab/random.js';
import type { Scratch } from './scratch.js';

/** What link layers may have: 'wrapper' is a header that only captures have, around another one. */
export type Needed = 'ethertype' | 'family' | 'wrapper' | 'carriers';

/** One way to be hostile, in so many variants: those from 0 up are told apart by the number alone. */
export interface Kind {
  readonly name: string;
  readonly variants: number;
  /** Only packets of this IP version, */
  readonly version?: 4 | 6;
  /** of a link layer that has this, */
  readonly needs?: Needed;
  /** or of a capture, which may hold less of a packet than there was. */
  readonly ofCaptures?: true;
  change(packet: Scratch, variant: number, random: Random): void;
}

const { min } = Math;

const TAGS = [0x8100, 0x88a8, 0x9100];
const MOST_TAGS = 8;
/** What an ethertype may be besides the right one: other protocols, their neighbours, and lengths (IEEE 802.3). */
const ETHERTYPES = [
  ...[0x0000, 0x0001, 0x0004, 0x002e, 0x0100, 0x05dc, 0x05ff, 0x0600, 0x07ff, 0x0800, 0x0801],
  ...[0x0806, 0x8035, 0x8100, 0x86dc, 0x86dd, 0x86de, 0x8847, 0x8848, 0x8863, 0x8864, 0x88a8],
  ...[0x88cc, 0x88e5, 0x9100, 0xdd86, 0x0008, 0xffff],
];
const FAMILIES = [
  ...[0, 1, 2, 3, 9, 10, 11, 24, 28, 30, 31, 0xff, 0xffff],
  ...[0x1_0000, 0x0200_0000, 0x0a00_0000, 0x1800_0000, 0x1c00_0000, 0x1e00_0000, 0x1f00_0000],
  ...[0x0002_0000, 0x0000_0200, 0x0200_0002, 0xffff_ffff],
];

/** What says something somewhere in a header around others: flags, lengths, versions, types. */
const WRAPPED = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 14, 15, 16, 0x20, 0x40, 0x41, 0x48, 0x62, 0x63, 0x69],
  ...[0x6c, 0x7f, 0x80, 0x88, 0x89, 0xa3, 0xaa, 0xc0, 0xc8, 0xef, 0xf8, 0xff],
];

export const LINK_KINDS: readonly Kind[] = [
  {
    name: 'truncated',
    variants: 240,
    change(packet, variant) {
      packet.length = min(packet.length, variant);
    },
  },
  {
    name: 'cut by a capture',
    variants: 240,
    ofCaptures: true,
    change(packet, variant) {
      const length = min(packet.length, variant);
      packet.left += packet.length - length;
      packet.length = length;
    },
  },
  {
    name: 'VLAN stack',
    variants: (MOST_TAGS + 1) * (TAGS.length + 1),
    needs: 'ethertype',
    change(packet, variant, random) {
      const depth = variant % (MOST_TAGS + 1);
      const kind = (variant - depth) / (MOST_TAGS + 1);
      for (let tag = 0; tag < depth; tag++) {
        pushTag(packet, TAGS[kind < TAGS.length ? kind : random.below(TAGS.length)] ?? 0);
      }
    },
  },
  {
    name: 'ethertype',
    variants: ETHERTYPES.length,
    needs: 'ethertype',
    change(packet, variant) {
      packet.set16(packet.lastType, ETHERTYPES[variant] ?? 0);
    },
  },
  {
    name: 'address family',
    variants: FAMILIES.length,
    needs: 'family',
    change(packet, variant) {
      packet.set32(0, FAMILIES[variant] ?? 0);
    },
  },
  {
    name: 'wrapper',
    variants: 200,
    needs: 'wrapper',
    change(packet, variant, random) {
      packet.set8(variant % packet.tags, WRAPPED[random.below(WRAPPED.length)] ?? 0);
    },
  },
  {
    name: 'padding',
    variants: 64,
    change(packet, variant, random) {
      const at = packet.length;
      packet.length += variant + 1;
      for (let byte = at; byte < packet.length; byte++) packet.set8(byte, random.below(256));
    },
  },
  {
    name: 'noise',
    variants: 64,
    change(packet, _, random) {
      const from = random.below(packet.length);
      const to = min(packet.length, from + 1 + random.below(60));
      for (let byte = from; byte < to; byte++) packet.set8(byte, random.below(256));
    },
  },
  {
    name: 'segments',
    variants: 6,
    change(packet, variant) {
      packet.segments = [0, 1, 2, 44, 0x7fff, 0xffff][variant] ?? 0;
    },
  },
];

/** As a new outermost tag. */
function pushTag(packet: Scratch, type: number): void {
  const { tags } = packet;
  const was = packet.get8(packet.type) * 256 + packet.get8(packet.type + 1);
  packet.insert(tags, 4);
  packet.set16(tags, 100);
  packet.set16(tags + 2, was);
  packet.set16(packet.type, type);
}
