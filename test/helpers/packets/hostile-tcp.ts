/** What may be wrong with a TCP header, and above all with its options. */

import type { Random } from '../../../lab/random.js';
import { FLAG } from '../core/reading.js';
import type { Kind } from './hostile-link.js';
import type { Scratch } from './scratch.js';

const { ceil, max, min } = Math;

const MOST_OPTIONS = 40;
/** Of a timestamp option. */
const LENGTH = 10;
const EXTREMES = [0, 1, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff];

export const TCP_KINDS: readonly Kind[] = [
  {
    name: 'data offset',
    variants: 256,
    change(packet, variant) {
      packet.set8(packet.tcp + 12, variant);
    },
  },
  {
    name: 'flags',
    variants: 256,
    change(packet, variant) {
      packet.set8(packet.tcp + 13, variant);
    },
  },
  {
    name: 'option',
    variants: 256 * 43,
    change(packet, variant, random) {
      // With whatever comes after it: mostly the timestamp, if there is room.
      const [kind, length] = [variant & 255, variant >> 8];
      const times = timesOf(packet);
      const area = (1 + random.below(10)) * 4;
      packet.setOptionsLength(area);
      const start = packet.tcp + 20;
      if (length + LENGTH <= area) packet.setTimestamp(start + length, ...times);
      packet.set8(start, kind);
      packet.set8(start + 1, length);
    },
  },
  {
    name: 'option at the end',
    variants: 256,
    change(packet, variant, random) {
      const times = timesOf(packet);
      const area = (1 + random.below(10)) * 4;
      packet.setOptionsLength(area);
      if (random.below(2) === 0 && area > LENGTH) packet.setTimestamp(packet.tcp + 20, ...times);
      packet.set8(packet.tcp + 20 + area - 1, variant);
    },
  },
  {
    name: 'timestamp of another length',
    variants: 41 * 32,
    change(packet, variant, random) {
      const at = variant & 31;
      const times = timesOf(packet);
      packet.setOptionsLength(areaFor(at + 2 + random.below(12)));
      packet.setTimestamp(packet.tcp + 20 + at, ...times, variant >> 5);
    },
  },
  {
    name: 'timestamp among NOPs',
    variants: 31,
    change(packet, variant, random) {
      const times = timesOf(packet);
      packet.setOptionsLength(areaFor(variant + LENGTH + random.below(20)));
      packet.setTimestamp(packet.tcp + 20 + variant, ...times);
    },
  },
  {
    name: 'timestamp twice',
    variants: 21 * 2,
    change(packet, variant, random) {
      const gap = variant >> 1;
      const other: [number, number] = [random.below(2 ** 32), random.below(2 ** 32)];
      const times = timesOf(packet);
      packet.setOptionsLength(MOST_OPTIONS);
      const start = packet.tcp + 20;
      const [first, second] = variant & 1 ? [other, times] : [times, other];
      packet.setTimestamp(start + LENGTH + gap, ...second);
      packet.setTimestamp(start, ...first);
    },
  },
  {
    name: 'end of options',
    variants: 40,
    change(packet, variant, random) {
      const times = timesOf(packet);
      packet.setOptionsLength(MOST_OPTIONS);
      packet.setTimestamp(packet.tcp + 20 + random.below(31), ...times);
      packet.set8(packet.tcp + 20 + variant, 0);
    },
  },
  {
    name: 'random options',
    variants: 400,
    change(packet, variant, random) {
      const times = timesOf(packet);
      packet.setOptionsLength((1 + (variant % 10)) * 4);
      fillRandomly(packet, random, variant % 3 === 0 ? 12 : 256);
      if (random.below(3) > 0) packet.setTimestamp(packet.tcp + 20 + random.below(31), ...times);
    },
  },
  {
    name: 'timestamps',
    variants: (EXTREMES.length + 1) ** 2,
    change(packet, variant) {
      const [tsval, tsecr] = [EXTREMES[variant >> 3], EXTREMES[variant & 7]];
      if (tsval !== undefined) packet.set32(packet.tsval, tsval);
      if (tsecr !== undefined) packet.set32(packet.tsval + 4, tsecr);
    },
  },
  {
    name: 'sequence numbers',
    variants: (EXTREMES.length + 1) ** 2,
    change(packet, variant) {
      const { tcp } = packet;
      const [seq, ack] = [EXTREMES[variant >> 3], EXTREMES[variant & 7]];
      if (seq !== undefined) packet.set32(tcp + 4, (packet.get32(tcp + 4) + seq) >>> 0);
      if (ack !== undefined) packet.set32(tcp + 8, (packet.get32(tcp + 8) + ack) >>> 0);
    },
  },
  {
    name: 'answer to itself',
    variants: 4,
    change(packet, variant) {
      const { tcp, tsval } = packet;
      // Sent back, or answering what it is itself, or both.
      if (variant & 1) packet.swapEnds();
      if (variant & 2) {
        packet.set32(tsval + 4, packet.get32(tsval));
        packet.set32(tcp + 8, (packet.get32(tcp + 4) + 1) >>> 0);
        packet.set8(tcp + 13, FLAG.ack);
      }
    },
  },
  {
    name: 'ports',
    variants: 4,
    change(packet, variant) {
      packet.set16(packet.tcp + (variant & 2), variant & 1 ? 0xffff : 0);
    },
  },
  {
    name: 'TCP checksum, window and urgent pointer',
    variants: 16,
    change(packet, _, random) {
      packet.set32(packet.tcp + 14, random.below(2 ** 32));
      packet.set16(packet.tcp + 18, random.below(65_536));
    },
  },
];

function timesOf(packet: Scratch): [number, number] {
  return [packet.get32(packet.tsval), packet.get32(packet.tsval + 4)];
}

/** Bytes of options in which so many fit, or nearly. */
function areaFor(length: number): number {
  return max(4, min(MOST_OPTIONS, ceil(length / 4) * 4));
}

function fillRandomly(packet: Scratch, random: Random, below: number): void {
  const start = packet.tcp + 20;
  const end = start + packet.optionsLength;
  for (let at = start; at < end; at++) packet.set8(at, random.below(below));
}
