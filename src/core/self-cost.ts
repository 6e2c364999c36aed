/** What pping itself costs. */

/** What a hook's program took. */
export interface HookCost {
  readonly packets: number;
  /** In all. */
  readonly ns: number;
}

/** What noting sockets took, as they open and as they are made. */
export interface SocketCost {
  /** Calls of the programs; of each connection there are several. */
  readonly runs: number;
  /** In all. */
  readonly ns: number;
}

/** What pping itself took, where that was asked for. All in nanoseconds. */
export interface SelfCost {
  readonly egress: HookCost;
  readonly ingress: HookCost;
  /** Undefined where none are noted. */
  readonly sockets?: SocketCost | undefined;
  /** CPU time of this process, from the time the programs were attached. */
  readonly readerNs: number;
  /** For how long all of this was measured. */
  readonly elapsedNs: number;
}
