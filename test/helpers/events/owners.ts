/** Whose connections are, as a run finds it out. */
import type { Attribution, AttributionOf, Owner } from '../../../src/attribution/owner.js';

export const CONTAINER = '3fa1c0ffee12'.padEnd(64, '0');
export const POD = '8f3a1e5c-0000-4000-8000-00000000beef';

/** All that the kernel, a cgroup and a process tell of one. */
export const WHOLE: Owner = {
  cgroup: `/kubepods.slice/cri-containerd-${CONTAINER}.scope`,
  unit: `cri-containerd-${CONTAINER}.scope`,
  container: CONTAINER,
  pod: POD,
  pid: 4242,
  comm: 'curl',
  uid: 1000,
};

/** With what the container and its pod are called. */
export const NAMED: Owner = {
  ...WHOLE,
  containerName: 'app',
  podName: 'cart-7d9f',
  namespace: 'shop',
};

/** Names that would clear a screen, end a string or a line, or take more than a byte a character. */
export const HOSTILE: Owner = {
  cgroup: '/a"b\\c\nd\u001b[2J',
  unit: 'büro\\x2d網路.service',
  comm: '\u0007\r"\u009b\u007f',
  pid: 7,
};

/** What is known of flows by their ids; may change. */
export class KnownFlows {
  readonly #byFlow = new Map<number, Attribution>();

  set(flowId: number, attribution: Attribution): void {
    this.#byFlow.set(flowId, attribution);
  }

  readonly of: AttributionOf = ({ flowId }) => this.#byFlow.get(flowId);
}
