/** Where packets are seen at an interface, and who sees them before. */

export type Hook = 'egress' | 'ingress';
export const HOOKS: readonly Hook[] = ['egress', 'ingress'];

/** Somebody else's program or filter that packets meet before pping's: its verdict may end their way there. */
export interface Predecessor {
  /** Of its BPF program; 0 for a filter that has none. */
  readonly programId: number;
  /** The program's; of a filter what tc shows, or its kind. Empty where the kernel does not tell. */
  readonly name: string;
  /** Of a filter: `pref` in tc. Undefined for TCX. */
  readonly priority?: number;
}

/** What went through one, by the interface's own count. */
export interface Carried {
  readonly packets: number;
  readonly bytes: number;
}
