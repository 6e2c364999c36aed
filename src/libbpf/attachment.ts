/** What can be attached where. */

export type AttachMethod = 'tcx' | 'clsact';

/** A file descriptor each. */
export interface Programs {
  readonly egress: number;
  readonly ingress: number;
}

export type Hook = keyof Programs;
export const HOOKS: readonly Hook[] = ['egress', 'ingress'];

/** What was attached and is no more. */
export interface Detachment {
  readonly what: 'filter' | 'TCX link' | 'clsact qdisc';
  /** Where it was; both for the qdisc. */
  readonly hooks: readonly Hook[];
}

export interface Attachment {
  readonly method: AttachMethod;
  /** What others have taken off, or what went with the interface. Cheap enough to ask each second. */
  detached(): Detachment | undefined;
  /** Takes off what was attached, and nothing else. May be called twice. */
  close(): void;
}
