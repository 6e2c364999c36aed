/** Whether packets leave when TCP says that they may: fq holds them until then, and nothing else does. */
import { KernelError } from '../libbpf/errors.js';
import type { Qdisc } from '../libbpf/qdiscs.js';

const HOLDS = 'fq';
/** These queue nothing: hooks, and what hands packets to the device at once. */
const NO_QUEUES = new Set(['clsact', 'ingress', 'noqueue']);

/**
 * Of some interfaces, by index, those that hold what leaves by them. None where it cannot be asked: then no RTT is
 * too short.
 */
export function holdingAmong(
  indices: Iterable<number>,
  list: () => Iterable<Qdisc>,
): ReadonlySet<number> {
  try {
    const qdiscs = Array.from(list());
    return new Set(Array.from(indices).filter((index) => isHeldBy(index, qdiscs)));
  } catch (error) {
    if (error instanceof KernelError) return new Set();
    throw error;
  }
}

/**
 * What has no queue hands its packets on to a device below it (a VLAN, bridge, bond, tunnel), which may be any
 * here. One in another namespace does not matter: on their way there packets lose the time to leave.
 */
function isHeldBy(index: number, qdiscs: readonly Qdisc[]): boolean {
  const queues = qdiscs.filter(({ kind }) => !NO_QUEUES.has(kind));
  const own = queues.filter((queue) => queue.index === index);
  return (own.length > 0 ? own : queues).some(({ kind }) => kind === HOLDS);
}
