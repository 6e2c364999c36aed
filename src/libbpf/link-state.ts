/** What an interface has carried by its own count, and what may take packets past the hooks. */
import { LITTLE } from '../core/endianness.js';
import type { Carried } from '../core/hooks.js';
import { KernelError } from './errors.js';
import { isLoopbackKind } from './link-layers.js';
import { type Attributes, ask, attributes, viewOf } from './rtnetlink.js';

export interface LinkState {
  readonly egress: Carried;
  readonly ingress: Carried;
  /** The XDP program's id, where there is one. */
  readonly xdp: number | undefined;
  /** Whether it is a port of a switch whose hardware forwards by itself. */
  readonly isSwitchPort: boolean;
  readonly isLoopback: boolean;
}

/** linux/rtnetlink.h */
export const RTM_GETLINK = 18;
/** struct ifinfomsg; of what follows it: attributes (linux/if_link.h). */
export const IFINFOMSG = { kind: 2, index: 4, flags: 8, size: 16 } as const;
const IFLA_STATS64 = 23;
const IFLA_PHYS_SWITCH_ID = 36;
const IFLA_XDP = 43;
/** What stateIn() reads, of some forty. */
export const STATE_ATTRIBUTES = new Set([IFLA_STATS64, IFLA_PHYS_SWITCH_ID, IFLA_XDP]);
const IFLA_XDP_ATTACHED = 2;
/** Of the one that there is; of drivers', generic and offloaded ones. */
const XDP_PROGRAM_IDS = [4, 5, 6, 7];
/** struct rtnl_link_stats64 */
const STATS = { rxPackets: 0, txPackets: 8, rxBytes: 16, txBytes: 24 } as const;

/** Of interface `index`; undefined when it is gone. Throws a KernelError where that cannot be asked. */
export function linkState(index: number): LinkState | undefined {
  const body = Buffer.alloc(IFINFOMSG.size);
  viewOf(body).setInt32(IFINFOMSG.index, index, LITTLE);
  try {
    const answer = ask("read the interface's counters", { type: RTM_GETLINK, body });
    return stateIn(answer, attributes(answer, IFINFOMSG.size, STATE_ATTRIBUTES));
  } catch (error) {
    if (error instanceof KernelError && error.name === 'ENODEV') return undefined;
    throw error;
  }
}

/** @param told the answer's attributes. @returns undefined where it has no counters */
export function stateIn(answer: DataView, told: Attributes): LinkState | undefined {
  const stats = told.get(IFLA_STATS64);
  if (!stats) return undefined;
  const at = (offset: number) => Number(stats.getBigUint64(offset, LITTLE));
  return {
    egress: { packets: at(STATS.txPackets), bytes: at(STATS.txBytes) },
    ingress: { packets: at(STATS.rxPackets), bytes: at(STATS.rxBytes) },
    xdp: xdpIn(told.get(IFLA_XDP)),
    isSwitchPort: told.has(IFLA_PHYS_SWITCH_ID),
    isLoopback: isLoopbackKind(answer.getUint16(IFINFOMSG.kind, LITTLE)),
  };
}

function xdpIn(attribute: DataView | undefined): number | undefined {
  if (!attribute) return undefined;
  const told = attributes(attribute);
  if (!told.get(IFLA_XDP_ATTACHED)?.getUint8(0)) return undefined;
  const ids = XDP_PROGRAM_IDS.map((type) => told.get(type)?.getUint32(0, LITTLE));
  return ids.find((id) => id !== undefined);
}
