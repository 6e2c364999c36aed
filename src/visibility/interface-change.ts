/** What becomes of the interfaces of a run while it lasts. */
export type InterfaceChange = Change & {
  /** Undefined in the namespace that pping was started in, or the only one that is watched. */
  readonly netns?: string | undefined;
};

type Change =
  | {
      /** It is watched from now on. */
      readonly change: 'attached';
      readonly interface: string;
    }
  | {
      /** It is watched no more: it is gone, or somebody has taken pping off it. */
      readonly change: 'detached';
      readonly interface: string;
      readonly isGone: boolean;
      /** A sentence without a full stop. */
      readonly reason: string;
    }
  | {
      /** It cannot be watched, and is tried again only where memory or open files were short. */
      readonly change: 'refused';
      readonly interface: string;
      /** Likewise. */
      readonly reason: string;
    }
  | {
      readonly change: 'renamed';
      /** As the output has called it until now. */
      readonly interface: string;
      readonly to: string;
      /** What the output goes on calling it; undefined where it is called by its new name. */
      readonly keeps?: string;
    };

/** What pping has seen of one interface among several. */
export interface InterfaceTally {
  /** Empty for those that there were too many of to tell each. */
  readonly name: string;
  /** Undefined in the namespace that pping was started in, or the only one that is watched. */
  readonly netns?: string | undefined;
  /** Packets. */
  readonly egress: number;
  readonly ingress: number;
  /** Of both. */
  readonly bytes: number;
  /** False once it is gone. */
  readonly isWatched: boolean;
}
