/** What can be attached where. */
import type { Hook, Predecessor } from '../core/hooks.js';

export type AttachMethod = 'tcx' | 'clsact';

/** A file descriptor each. */
export type Programs = Readonly<Record<Hook, number>>;

/** What was attached and is no more. */
export interface Detachment {
  readonly what: 'filter' | 'TCX link' | 'clsact qdisc';
  /** Where it was; both for the qdisc. */
  readonly hooks: readonly Hook[];
}

export interface Attachment {
  readonly method: AttachMethod;
  /** In the order in which packets meet them; other instances of pping, which let all pass on, are left out. */
  predecessors(hook: Hook): readonly Predecessor[];
  /** Goes in front of them, as far as that can be. For a moment (some 10 ms) it is not attached. */
  moveToFront(hook: Hook): void;
  /** What others have taken off, or what went with the interface. Cheap enough to ask each second. */
  detached(): Detachment | undefined;
  /** Takes off what was attached, and nothing else. May be called twice. */
  close(): void;
  /** The same on another thread, where it takes long: the kernel waits for each. */
  leave(): Promise<void>;
}
