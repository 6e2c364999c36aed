/** What keeps packets from pping, as it is found while it runs. */
import type { Hook, Predecessor } from '../core/hooks.js';
import type { Blind } from './blindness.js';

/** What has been found. */
export type Sighting = (Moved | Preceded | Hidden) & {
  /** The interface's name, as it was called when its watch began. */
  readonly interface: string;
  /** Undefined in the namespace that pping was started in, or the only one that is watched. */
  readonly netns?: string | undefined;
};

/** pping has gone in front of others. */
export interface Moved {
  readonly change: 'moved';
  readonly hook: Hook;
  readonly predecessors: readonly Predecessor[];
}

/** Others stand in front of it, and stay there. */
export interface Preceded {
  readonly change: 'preceded';
  readonly hook: Hook;
  readonly predecessors: readonly Predecessor[];
}

/** The interface carries what pping does not see. */
export interface Hidden extends Blind {
  readonly change: 'hidden';
  readonly cause: HidingCause;
  readonly predecessors: readonly Predecessor[];
  /** The id of the XDP program that is on the interface. */
  readonly xdp: number | undefined;
}

export type HidingCause = 'program' | 'xdp' | 'hardware' | 'unknown';

/** By hook. */
export type Predecessors = Readonly<Record<Hook, readonly Predecessor[]>>;
