/** Whether something failed for want of memory or open files: it may be had later. */
import { KernelError } from './errors.js';

/** Of the process, or of the machine. */
const SHORT = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];

export function isShortage(error: unknown): boolean {
  if (error instanceof KernelError) return SHORT.includes(error.name);
  const { code, cause } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== undefined) return SHORT.includes(code);
  return cause !== undefined && isShortage(cause);
}
