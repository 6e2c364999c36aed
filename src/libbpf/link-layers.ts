/** What packets begin with, by the kind of interface (linux/if_arp.h). */
import type { LinkLayer } from '../core/link-layer.js';

const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** Those whose packets begin with IP: ppp, tunnels (ipip, ip6ip6, sit, gre, ip6gre), raw IP, none (tun, wireguard). */
const IP_KINDS = new Set([512, 768, 769, 776, 778, 823, 519, 65534]);

/** @param kind ARPHRD_... @returns undefined where pping cannot read its packets */
export function linkLayerOf(kind: number): LinkLayer | undefined {
  if (kind === ARPHRD_ETHER || kind === ARPHRD_LOOPBACK) return 'ethernet';
  return IP_KINDS.has(kind) ? 'ip' : undefined;
}

/** Whether what leaves by it comes in again at once. @param kind ARPHRD_... */
export function isLoopbackKind(kind: number): boolean {
  return kind === ARPHRD_LOOPBACK;
}
