/** What can be attached where. */

export type AttachMethod = 'tcx' | 'clsact';

/** A file descriptor each. */
export interface Programs {
  readonly egress: number;
  readonly ingress: number;
}

export type Hook = keyof Programs;
export const HOOKS: readonly Hook[] = ['egress', 'ingress'];

export interface Attachment {
  readonly method: AttachMethod;
  /** Takes off what was attached, and nothing else. May be called twice. */
  close(): void;
}
