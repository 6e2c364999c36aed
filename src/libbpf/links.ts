/** All interfaces of this network namespace, as one answer of the kernel has them. */
import { LITTLE } from '../core/endianness.js';
import type { WatchedLink } from '../core/programs.js';
import { linkLayerOf } from './link-layers.js';
import { IFINFOMSG, type LinkState, RTM_GETLINK, STATE_ATTRIBUTES, stateIn } from './link-state.js';
import { attributes, dumpWhole, listed, textOf } from './rtnetlink.js';

export interface Link extends LinkState {
  readonly index: number;
  readonly name: string;
  /** By which it can be found as well (`altname` of ip-link). */
  readonly alternativeNames: readonly string[];
  /** Set up by somebody, whether or not there is a carrier. */
  readonly isUp: boolean;
  /** ARPHRD_... (linux/if_arp.h). */
  readonly kind: number;
  /** Undefined where pping cannot read its packets. */
  readonly linkLayer: WatchedLink | undefined;
}

/** linux/if.h */
const IFF_UP = 1;
/** linux/if_link.h */
const IFLA_IFNAME = 3;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
const WANTED = new Set([IFLA_IFNAME, IFLA_PROP_LIST, ...STATE_ATTRIBUTES]);

/**
 * Each once, by the kernel's index. While many come and go the answer may lack one: whoever watches them
 * lists them again then. Throws a KernelError where they cannot be asked for.
 */
export function listLinks(): Link[] {
  // Without RTEXT_FILTER_SKIP_STATS, with which some kernels leave out IPv6's counters, and newer ones all.
  const question = { type: RTM_GETLINK, body: Buffer.alloc(IFINFOMSG.size) };
  const answers = dumpWhole('list the interfaces', question);
  const links = answers.map(linkIn).filter((link) => link !== undefined);
  return Array.from(new Map(links.map((link) => [link.index, link])).values());
}

function linkIn(answer: DataView): Link | undefined {
  const told = attributes(answer, IFINFOMSG.size, WANTED);
  const state = stateIn(answer, told);
  const kind = answer.getUint16(IFINFOMSG.kind, LITTLE);
  return (
    state && {
      ...state,
      index: answer.getInt32(IFINFOMSG.index, LITTLE),
      name: textOf(told.get(IFLA_IFNAME)),
      alternativeNames: listed(told.get(IFLA_PROP_LIST), IFLA_ALT_IFNAME).map(textOf),
      isUp: (answer.getUint32(IFINFOMSG.flags, LITTLE) & IFF_UP) !== 0,
      kind,
      linkLayer: linkLayerOf(kind),
    }
  );
}
