/**
 * The filters at a hook, asked of the kernel: libbpf tells only a program's id, and looking into a
 * program takes CAP_SYS_ADMIN. But libbpf has given the filter a name when it was attached, of the
 * program's name and id, and that anybody may read.
 */
import { LITTLE } from '../core/endianness.js';
import type { Hook } from '../core/hooks.js';
import { KernelError } from './errors.js';
import { type Attributes, attributes, textOf } from './rtnetlink.js';
import { askTrafficControl, dumpTrafficControl } from './traffic-control.js';

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
  /** As libbpf gives it: `<program>:[<id>]`; the kind of a filter that has no name. */
  readonly name: string;
}

/** One of a hook's filters. */
export interface FilterAtHook extends PlacedFilter, Pick<Place, 'handle' | 'priority'> {
  /** Whether ours may have the same priority: it has to be of the same kind and protocol. */
  readonly isOfOurKind: boolean;
}

/** linux/rtnetlink.h, linux/pkt_cls.h, linux/pkt_sched.h */
const RTM_GETTFILTER = 46;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_CHAIN = 11;
const TCA_BPF_NAME = 7;
const TCA_BPF_ID = 11;
const PARENT: Record<Hook, number> = { ingress: 0xffff_fff2, egress: 0xffff_fff3 };
const ETH_P_ALL = 3;
/** The protocol, in the network's order. */
const ALL_PROTOCOLS = LITTLE ? ETH_P_ALL << 8 : ETH_P_ALL;
/** EINVAL: the hook has no filter at all yet. ENODEV: there is no such interface. */
const NONE = ['ENOENT', 'EINVAL', 'ENODEV'];

/** Undefined where no filter is. Throws a KernelError where that cannot be found out. */
export function filterAt({ index, hook, handle, priority }: Place): PlacedFilter | undefined {
  const place = { index, handle, parent: PARENT[hook], info: infoOf(priority) };
  try {
    return placedFilter(askTrafficControl('query a filter', { type: RTM_GETTFILTER, ...place }));
  } catch (error) {
    if (error instanceof KernelError && NONE.includes(error.name)) return undefined;
    throw error;
  }
}

/**
 * The filters that packets meet, in that order: not those of chains that others lead to. Whoever has
 * seen enough may leave: there may be thousands. Throws a KernelError where that cannot be found out.
 */
export function* filtersAt(index: number, hook: Hook): Generator<FilterAtHook> {
  try {
    const question = { type: RTM_GETTFILTER, index, parent: PARENT[hook] };
    for (const { handle, info, attributes: told } of dumpTrafficControl('list filters', question)) {
      const isFirstChain = (told.get(TCA_CHAIN)?.getUint32(0, LITTLE) ?? 0) === 0;
      // All filters of one priority are announced by something without a handle.
      if (handle === 0 || !isFirstChain) continue;
      const isOfOurKind = textOf(told.get(TCA_KIND)) === 'bpf' && (info & 0xffff) === ALL_PROTOCOLS;
      yield { ...placedFilter(told), handle, priority: info >>> 16, isOfOurKind };
    }
  } catch (error) {
    if (error instanceof KernelError && NONE.includes(error.name)) return;
    throw error;
  }
}

function placedFilter(told: Attributes): PlacedFilter {
  const options = told.get(TCA_OPTIONS);
  const described = options && attributes(options);
  const kind = textOf(told.get(TCA_KIND));
  if (kind !== 'bpf') return { programId: 0, name: kind };
  return {
    programId: described?.get(TCA_BPF_ID)?.getUint32(0, LITTLE) ?? 0,
    name: textOf(described?.get(TCA_BPF_NAME)),
  };
}

/** TC_H_MAKE(priority, protocol) */
function infoOf(priority: number): number {
  return ((priority << 16) | ALL_PROTOCOLS) >>> 0;
}
