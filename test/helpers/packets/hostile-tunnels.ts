/** What may be wrong with tunnels. */
import type { Carrier } from '../../../lab/kernel/carriers.js';
import {
  erspan,
  geneve,
  gre,
  gretap,
  gtpU,
  ipInIp,
  type TunnelOptions,
  vxlan,
} from '../../../lab/kernel/tunnels.js';
import type { Random } from '../../../lab/random.js';
import { replaceCarriers } from './hostile-carriers.js';
import type { Kind } from './hostile-link.js';

const ANY_TYPE = [0x0800, 0x86dd, 0x6558, 0x8847, 0x880b, 0x88be, 0x22eb, 0x8864, 0x0806, 0];
const EXTENSIONS = [0, 43, 44, 51, 60];

export const TUNNEL_KINDS: readonly Kind[] = [
  {
    name: 'tunnels',
    variants: 600,
    change(packet, variant, random) {
      const carriers = Array.from({ length: 1 + (variant % 3) }, () => anyTunnel(random));
      replaceCarriers(packet, carriers);
    },
  },
  {
    name: 'bytes of tunnels',
    variants: 600,
    change(packet, variant, random) {
      const start = packet.carriers;
      const carriers = Array.from({ length: 1 + (variant % 2) }, () => anyTunnel(random));
      replaceCarriers(packet, carriers);
      for (let left = 1 + random.below(3); left > 0; left--) {
        const at = start + random.below(packet.ip - start);
        packet.set8(at, random.below(2) === 0 ? random.below(256) : packet.get8(at) ^ 1);
      }
    },
  },
  {
    name: 'tunnels cut short',
    variants: 200,
    change(packet, variant, random) {
      const start = packet.carriers;
      replaceCarriers(packet, [anyTunnel(random)]);
      packet.length = Math.min(packet.length, start + variant);
    },
  },
];

function anyTunnel(random: Random): Carrier {
  const below = (most: number) => random.below(most);
  const flip = () => random.below(2) === 0;
  const options: TunnelOptions = {
    outer: flip() ? 4 : 6,
    fragment: random.below(8) === 0 ? ([1, 0x2000, 0x2001, 0x4000][random.below(4)] as number) : 0,
    extensions: Array.from({ length: random.below(8) }, () => extension(random)).slice(
      random.below(8),
    ),
  };
  const vlanIds = Array.from({ length: random.below(6) }, () => random.below(3));
  const type = ANY_TYPE[random.below(ANY_TYPE.length)] as number;
  const port = [4789, 8472, 6081, 2152, 53][random.below(5)] as number;
  const tunnels: readonly (() => Carrier)[] = [
    () => ipInIp(options),
    () => gre({ ...options, ...(flip() && { key: random.below(3) }), checksum: flip() }),
    () => gre({ ...options, type, ...(flip() && { sequence: 1 }) }),
    () => gretap({ ...options, vlanIds }),
    () => erspan((1 + random.below(3)) as 1 | 2 | 3, { ...options, vlanIds, isCut: flip() }),
    () => erspan(3, { ...options, subheader: flip(), session: random.below(3) }),
    () => vxlan(random.below(3), { ...options, vlanIds }),
    () => vxlan(1, { ...options, port }),
    () => geneve(random.below(3), { ...options, options: 4 * random.below(64), isFrame: flip() }),
    () => geneve(1, { ...options, port, start: random.below(256) }),
    () => gtpU(1, { ...options, words: Array.from({ length: random.below(6) }, () => below(3)) }),
    () => gtpU(1, { ...options, port, start: 0x30 + random.below(16), type: 254 + below(2) }),
  ];
  return (tunnels[random.below(tunnels.length)] as () => Carrier)();
}

function extension(random: Random): readonly [number, Buffer] {
  const bytes = Buffer.alloc(8 * (1 + random.below(2)));
  bytes[1] = bytes.length / 8 - 1;
  return [EXTENSIONS[random.below(EXTENSIONS.length)] as number, bytes];
}
