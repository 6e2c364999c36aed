/** What may be wrong with UDP, and with QUIC and DNS in it. */
import type { Kind } from './hostile-link.js';
import type { Scratch } from './scratch.js';

const { max, min } = Math;

const UDP_HEADER = 8;
const DNS_HEADER = 12;
/** Of what is measured, of tunnels, of what is known by its port, and of none. */
const PORTS = [53, 443, 4789, 8472, 6081, 2152, 5353, 500, 4500, 51_820, 80, 0, 40_001, 65_535];
const VERSIONS = [0, 1, 2, 0xff00001d, 0x6b3343cf, 0x6b3343ce, 0x1a2a3a4a, 0xffffffff];
/** Of a name: pointers, the longest label and what is no label, ends. */
const LENGTHS = [0, 1, 2, 63, 64, 127, 128, 0xbf, 0xc0, 0xff];
/** How much of the payload may be read. */
const READ = 72;

export const DATAGRAM_KINDS: readonly Kind[] = [
  {
    name: 'UDP length',
    variants: 128,
    change(packet, variant) {
      const extremes = [0x7fff, 0x8000, 0xfffe, 0xffff, UDP_HEADER + 1_199, UDP_HEADER + 1_200];
      packet.set16(packet.tcp + 4, extremes[variant - 122] ?? variant);
    },
  },
  {
    name: 'UDP ports',
    variants: PORTS.length * 3,
    change(packet, variant) {
      const port = PORTS[variant % PORTS.length] as number;
      const which = (variant - (variant % PORTS.length)) / PORTS.length;
      if (which !== 1) packet.set16(packet.tcp, port);
      if (which !== 0) packet.set16(packet.tcp + 2, port);
    },
  },
  {
    name: 'mirrored',
    variants: 2,
    change(packet, variant) {
      packet.swapEnds();
      // A query becomes its response, and the other way round.
      const at = startOf(packet) + 2;
      if (variant === 1) packet.set8(at, packet.get8(at) ^ 0x80);
    },
  },
  {
    name: 'answered or asked from the same end',
    variants: 1,
    change(packet) {
      const at = startOf(packet) + 2;
      packet.set8(at, packet.get8(at) ^ 0x80);
    },
  },
  {
    name: 'first bytes',
    variants: 14 * 256,
    change(packet, variant) {
      packet.set8(startOf(packet) + (variant >> 8), variant & 255);
    },
  },
  {
    name: 'QUIC version',
    variants: VERSIONS.length * 8,
    change(packet, variant) {
      const start = startOf(packet);
      packet.set8(start, 0x80 | ((variant >> 3) << 4) | (packet.get8(start) & 15));
      packet.set32(start + 1, VERSIONS[variant & 7] as number);
    },
  },
  {
    name: 'lengths of connection ids',
    variants: 512,
    change(packet, variant) {
      const first = startOf(packet) + 5;
      const second = min(first + 1 + packet.get8(first), packet.length - 1);
      packet.set8(variant < 256 ? first : second, variant & 255);
    },
  },
  {
    name: 'connection ids of others',
    variants: 8 * 24,
    change(packet, variant) {
      const at = startOf(packet) + 6 + (variant >> 3);
      packet.set8(at, packet.get8(at) ^ (1 << (variant & 7)));
    },
  },
  {
    name: 'both ids exchanged',
    variants: 1,
    change(packet) {
      const at = startOf(packet) + 5;
      const [first, all] = [1 + packet.get8(at), packet.bytes.slice(at, at + 42)];
      const second = 1 + (all[first] ?? 0);
      if (first + second > all.length) return;
      packet.bytes.set(all.subarray(first, first + second), at);
      packet.bytes.set(all.subarray(0, first), at + second);
    },
  },
  {
    name: 'coalesced with others',
    variants: 64,
    change(packet, variant, random) {
      const start = startOf(packet);
      const header = packet.bytes.slice(start, start + READ);
      for (let left = 1 + (variant & 7); left > 0; left--) {
        const at = start + READ + random.below(1_000);
        if (at + READ <= packet.length) packet.bytes.set(header, at);
      }
      if (variant > 31) packet.set8(start, 0xc0 | random.below(64));
    },
  },
  {
    name: 'datagram cut short',
    variants: 3 * READ,
    change(packet, variant) {
      const left = variant % READ;
      const kind = (variant - left) / READ;
      packet.length = min(packet.length, packet.tcp + left);
      // Of all headers, of IP's, or of none does the length say so.
      if (kind < 2) packet.set16(packet.ipLength, packet.trueIpLength);
      if (kind < 1) packet.set16(packet.tcp + 4, max(0, left));
    },
  },
  {
    name: 'counts of DNS',
    variants: 8 * LENGTHS.length,
    change(packet, variant) {
      const at = startOf(packet) + 4 + (variant & 7);
      packet.set8(at, LENGTHS[variant >> 3] as number);
    },
  },
  {
    name: 'names',
    variants: 200,
    change(packet, variant, random) {
      const start = startOf(packet) + DNS_HEADER;
      const end = min(packet.length, start + 1 + variant);
      for (let at = start; at < end; at++) {
        const isLength = random.below(3) === 0;
        packet.set8(
          at,
          isLength ? (LENGTHS[random.below(LENGTHS.length)] as number) : random.below(256),
        );
      }
    },
  },
];

function startOf(packet: Scratch): number {
  return packet.tcp + UDP_HEADER;
}
