import { errorName } from '../error-names.js';
import { Fault } from '../faults.js';
import { errno, isNull, type Pointer } from './ffi.js';

/** What to do about missing privileges. */
const PRIVILEGES_NEEDED =
  'pping needs root (sudo pping ...), or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON';
/** Not for the doctor to say. */
export const DOCTOR_HINT = '; pping doctor checks all it needs';
export const PRIVILEGES_HINT = `${PRIVILEGES_NEEDED}${DOCTOR_HINT}`;

/** A call into the kernel, libbpf or libc failed. */
export class KernelError extends Fault {
  /**
   * @param operation what was tried, for the user
   * @param errno the (positive) error number
   * @param detail what more is known; else a hint, where one helps
   */
  constructor(
    readonly operation: string,
    readonly errno: number,
    detail = '',
  ) {
    const [name, text] = errorName(errno);
    super(`cannot ${operation}: ${text} (${name})${detail || hintFor(name)}`);
    this.name = name;
  }
}

/** For functions that return a negative errno (libbpf). */
export function check(operation: string, status: number): number {
  if (status < 0) throw new KernelError(operation, -status);
  return status;
}

/** For functions that return -1 and set errno (libc). */
export function checkErrno(operation: string, status: number): number {
  if (status < 0) throw new KernelError(operation, errno());
  return status;
}

/** For functions that return a null pointer and set errno. */
export function checkPointer(operation: string, pointer: Pointer): Pointer {
  if (isNull(pointer)) throw new KernelError(operation, errno());
  return pointer;
}

function hintFor(name: string): string {
  if (name !== 'EPERM' && name !== 'EACCES') return '';
  return `; ${PRIVILEGES_HINT}`;
}
