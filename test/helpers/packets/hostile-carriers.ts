/** What may be wrong with what carries IP at the link layer. */
import {
  type Carrier,
  carried,
  ciscoHdlc,
  mpls,
  ppp,
  pppoe,
  pseudowire,
} from '../../../lab/kernel/carriers.js';
import type { Random } from '../../../lab/random.js';
import type { LinkLayer } from '../../../src/core/link-layer.js';
import type { Kind } from './hostile-link.js';
import type { Scratch } from './scratch.js';

const NOTHING = Buffer.alloc(0);
const BARE = { controlWord: NOTHING };
const MULTICAST = 0x8848;
const MOST_LABELS = 10;
const FRAMING = [0xff, 3];
/** Of the sessions of PPPoE: version and type, and code. */
const SESSION_STARTS = [0x1100, 0x1000, 0x2100, 0x1109, 0x11a7, 0x0011, 0xffff];
const PROTOCOLS = [
  ...[0x0021, 0x0057, 0x0281, 0x0283, 0x2100, 0x5700, 0x002d, 0xc021, 0x8021, 0x0000, 0x0100],
  ...[0x2121, 0x5721, 0x00ff, 0x0f00, 0x8f00, 0x0f01, 0xff03, 0xff00, 0xffff],
];

/** What sound packets are carried by, where the link layer is this. */
export function soundCarriers(linkLayer: LinkLayer): readonly (readonly Carrier[])[] {
  if (linkLayer === 'pppoe') return [[pppoe()], [pppoe()], [pppoe(), mpls(2)]];
  if (linkLayer === 'ppp') {
    return [[ppp()], [ppp({ framing: FRAMING })], [ciscoHdlc()], [ppp(), mpls(), pseudowire()]];
  }
  if (linkLayer === 'ip' || linkLayer === 'family' || linkLayer === 'nflog') return [[]];
  return [[], [], [pppoe()], [mpls(2)], [mpls(), pseudowire({ vlanIds: [0] })]];
}

export const CARRIER_KINDS: readonly Kind[] = [
  {
    name: 'carriers',
    variants: 400,
    needs: 'carriers',
    change(packet, _, random) {
      const depth = 1 + random.below(4);
      replaceCarriers(
        packet,
        Array.from({ length: depth }, () => anyCarrier(random)),
      );
    },
  },
  {
    name: 'labels',
    variants: MOST_LABELS * 4,
    needs: 'carriers',
    change(packet, variant) {
      const labels = 1 + (variant % MOST_LABELS);
      const around = variant < 2 * MOST_LABELS ? [] : [pppoe()];
      replaceCarriers(packet, [
        ...around,
        mpls(labels),
        ...(variant % 4 < 2 ? [] : [pseudowire()]),
      ]);
    },
  },
  {
    name: 'what follows the labels',
    variants: 256 * 3,
    needs: 'carriers',
    change(packet, variant, random) {
      // Where it fits in two ways, what fits better counts.
      if (random.below(2) === 0) sumUp(packet);
      const options = { ...(variant < 256 ? {} : BARE), destination: [variant & 255] };
      const isIp = variant >= 512;
      replaceCarriers(packet, [mpls(), ...(isIp ? [] : [pseudowire(options)])]);
      if (isIp) packet.set8(packet.ip, variant & 255);
    },
  },
  {
    name: 'a pseudowire like IP',
    variants: 64,
    needs: 'carriers',
    change(packet, variant, random) {
      if (random.below(4) > 0) sumUp(packet);
      const frame = packet.length - packet.ip + 14;
      const length = Math.max(0, frame - (variant < 32 ? 0 : 40) + random.below(3) - 1);
      const start = [length >> 8, length & 255];
      const destination = variant < 32 ? [0x45, 0, ...start] : [0x60, 0, 0, 0, ...start];
      replaceCarriers(packet, [mpls(), pseudowire({ ...BARE, destination })]);
    },
  },
  {
    name: 'start of a session',
    variants: SESSION_STARTS.length,
    needs: 'carriers',
    change(packet, variant) {
      const start = packet.carriers;
      replaceCarriers(packet, [pppoe()]);
      packet.set16(start, SESSION_STARTS[variant] ?? 0);
    },
  },
  {
    name: 'protocol of PPP',
    variants: PROTOCOLS.length * 3,
    needs: 'carriers',
    change(packet, variant) {
      const protocol = PROTOCOLS[variant % PROTOCOLS.length] ?? 0;
      const framing = variant < 2 * PROTOCOLS.length ? [] : FRAMING;
      replaceCarriers(packet, [
        variant < PROTOCOLS.length ? pppoe({ protocol }) : ppp({ protocol, framing }),
      ]);
    },
  },
  {
    name: 'bytes of carriers',
    variants: 128,
    needs: 'carriers',
    change(packet, _, random) {
      if (packet.carriers === packet.ip) replaceCarriers(packet, [mpls(2), pseudowire()]);
      for (let left = 1 + random.below(3); left > 0; left--) {
        const at = packet.carriers + random.below(packet.ip - packet.carriers);
        packet.set8(at, random.below(2) === 0 ? random.below(256) : packet.get8(at) ^ 1);
      }
    },
  },
];

function anyCarrier(random: Random): Carrier {
  const carriers = [
    () => pppoe({ isCompressed: random.below(3) === 0 }),
    () => ppp({ framing: random.below(2) === 0 ? [] : FRAMING }),
    () => ciscoHdlc(random.below(4) === 0 ? random.below(256) : 0x8f),
    () => mpls(1 + random.below(5)),
    () => mpls(1 + random.below(3), MULTICAST),
    () => pseudowire({ vlanIds: Array(random.below(6)).fill(0) }),
    () => pseudowire({ ...BARE, destination: [random.below(256)] }),
  ];
  return (carriers[random.below(carriers.length)] as () => Carrier)();
}

/** What carried the packet so far is gone. Where the link layer is a line, it is up to `carriers` to fit it. */
export function replaceCarriers(packet: Scratch, carriers: readonly Carrier[]): void {
  const { carriers: start } = packet;
  const inner = { type: packet.version === 4 ? 0x0800 : 0x86dd, bytes: NOTHING };
  const { type, bytes } = carried(inner, carriers);
  packet.insert(start, start - packet.ip);
  packet.insert(start, bytes.length);
  packet.carriers = start;
  bytes.forEach((byte, at) => {
    packet.set8(start + at, byte);
  });
  if (packet.type >= 0) packet.set16(packet.lastType, type);
}

/** Writes the checksum that the header of IPv4 should have. */
function sumUp(packet: Scratch): void {
  if (packet.version === 6) return;
  const length = (packet.get8(packet.ip) & 15) * 4;
  packet.set16(packet.ip + 10, 0);
  let sum = 0;
  for (let at = packet.ip; at < packet.ip + length; at += 2) {
    sum += packet.get8(at) * 256 + packet.get8(at + 1);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  packet.set16(packet.ip + 10, ~sum & 0xffff);
}
