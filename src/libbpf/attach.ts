/** Attaching the programs to an interface. */
import type { AttachMethod, Attachment, Programs } from './attachment.js';
import { attachClsact } from './clsact.js';
import { attachTcx, attachTcxHere } from './tcx.js';

/**
 * Attaches both programs to interface `index`: with TCX links where the kernel
 * has them (6.6), which vanish with the process however it ends; else as clsact
 * filters. On ingress in front of what others have there, on egress behind it.
 * What takes long is done on another thread.
 * @param only leaves no choice
 */
export async function attach(
  programs: Programs,
  index: number,
  only?: AttachMethod,
): Promise<Attachment> {
  const links = only === 'clsact' ? undefined : await attachTcx(programs, index, only === 'tcx');
  return links ?? attachClsact(programs, index);
}

/** The same on this thread: in the network namespace that it is in. */
export function attachHere(programs: Programs, index: number, only?: AttachMethod): Attachment {
  const links = only === 'clsact' ? undefined : attachTcxHere(programs, index, only === 'tcx');
  return links ?? attachClsact(programs, index);
}
