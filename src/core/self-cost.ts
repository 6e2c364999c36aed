/** What pping itself costs. */

/** What a hook's program took. */
export interface HookCost {
  readonly packets: number;
  /** In all. */
  readonly ns: number;
}

/** What pping itself took, where that was asked for. All in nanoseconds. */
export interface SelfCost {
  readonly egress: HookCost;
  readonly ingress: HookCost;
  /** CPU time of this process, from the time the programs were attached. */
  readonly readerNs: number;
  /** For how long all of this was measured. */
  readonly elapsedNs: number;
}
