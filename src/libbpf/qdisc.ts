/** The clsact qdisc, asked of the kernel: libbpf can make one, but not look for it. */
import { KernelError } from './errors.js';
import { textOf } from './rtnetlink.js';
import { askTrafficControl } from './traffic-control.js';

/** linux/rtnetlink.h, linux/pkt_sched.h */
const RTM_GETQDISC = 38;
const TCA_KIND = 1;
const CLSACT = { handle: 0xffff_0000, parent: 0xffff_fff1 } as const;

/** @param index of an interface; false where there is none */
export function hasClsact(index: number): boolean {
  try {
    const operation = 'query the clsact qdisc';
    const qdisc = askTrafficControl(operation, { type: RTM_GETQDISC, index, ...CLSACT });
    // Or it is the ingress qdisc, which sits in the same place.
    return textOf(qdisc.get(TCA_KIND)) === 'clsact';
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}
