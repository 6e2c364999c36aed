/**
 * The filter in a place, asked of the kernel: libbpf tells only its program's id, and looking into a
 * program takes CAP_SYS_ADMIN. But libbpf has given the filter a name when it was attached, of the
 * program's name and id, and that anybody may read.
 */
import type { Hook } from './attachment.js';
import { KernelError } from './errors.js';
import { askTrafficControl, attributes, LITTLE, textOf } from './rtnetlink.js';

/** Where a filter is; `handle` and `priority` as tc shows them. */
export interface Place {
  /** Of the interface. */
  readonly index: number;
  readonly hook: Hook;
  readonly handle: number;
  readonly priority: number;
}

export interface PlacedFilter {
  /** Of a BPF program that is still loaded: 0 for a filter that has none. */
  readonly programId: number;
  /** As libbpf gives it: `<program>:[<id>]`. */
  readonly name: string;
}

/** linux/rtnetlink.h, linux/pkt_cls.h, linux/pkt_sched.h */
const RTM_GETTFILTER = 46;
const TCA_OPTIONS = 2;
const TCA_BPF_NAME = 7;
const TCA_BPF_ID = 11;
const PARENT: Record<Hook, number> = { ingress: 0xffff_fff2, egress: 0xffff_fff3 };
const ETH_P_ALL = 3;
/** EINVAL: the hook has no filter at all yet. ENODEV: there is no such interface. */
const NONE = ['ENOENT', 'EINVAL', 'ENODEV'];

/** Undefined where no filter is. Throws a KernelError where that cannot be found out. */
export function filterAt({ index, hook, handle, priority }: Place): PlacedFilter | undefined {
  const place = { index, handle, parent: PARENT[hook], info: infoOf(priority) };
  try {
    const filter = askTrafficControl('ask for a filter', { type: RTM_GETTFILTER, ...place });
    const options = filter.get(TCA_OPTIONS);
    const described = options && attributes(options);
    return {
      programId: described?.get(TCA_BPF_ID)?.getUint32(0, LITTLE) ?? 0,
      name: textOf(described?.get(TCA_BPF_NAME)),
    };
  } catch (error) {
    if (error instanceof KernelError && NONE.includes(error.name)) return undefined;
    throw error;
  }
}

/** TC_H_MAKE(priority, protocol), the protocol in the network's order. */
function infoOf(priority: number): number {
  const protocol = LITTLE ? ETH_P_ALL << 8 : ETH_P_ALL;
  return ((priority << 16) | protocol) >>> 0;
}
