/** Standard error, for people. */
import { unblocked } from './unblocked.js';

let isOpen = false;

/**
 * To be called before anything is written there, and not before this process begins anew: Node has a pipe not
 * block, for all who have it open, and takes that back only at its end.
 */
export function openStandardError(): void {
  if (isOpen) return;
  isOpen = true;
  // Whoever read it has left: no reason to fail, and nobody to tell.
  unblocked(process.stderr).on('error', () => {});
}
