/** What becomes of the interfaces of a run while it lasts. */
export type InterfaceChange =
  | {
      /** It is watched from now on. */
      readonly change: 'attached';
      readonly interface: string;
    }
  | {
      /** It is watched no more; or it cannot be watched, and will not be tried again. */
      readonly change: 'detached' | 'refused';
      readonly interface: string;
      /** A sentence without a full stop. */
      readonly reason: string;
    }
  | {
      readonly change: 'renamed';
      /** As it was called until now. */
      readonly interface: string;
      readonly to: string;
    };

/** What pping has seen of one interface among several. */
export interface InterfaceTally {
  /** Empty for those that there were too many of to tell each. */
  readonly name: string;
  /** Packets. */
  readonly egress: number;
  readonly ingress: number;
  /** Of both. */
  readonly bytes: number;
  /** False once it is gone. */
  readonly isWatched: boolean;
}
