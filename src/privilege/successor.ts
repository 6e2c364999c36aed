/**
 * This process begins anew, as the same process with the same command line, with what it has opened so far. What
 * the thread that does this may do is what all threads of the new one may do: that is how rights are given up.
 */
import { readFileSync } from 'node:fs';
import { takeBack } from '../handed-over.js';
import { checkErrno } from '../libbpf/errors.js';
import { libc, textList } from '../libbpf/ffi.js';

const STANDARD_STREAMS = [0, 1, 2];
/** fcntl.h */
const F_SETFD = 2;

/** After handOver(). Returns only where that is refused, and then throws a KernelError. */
export function beginAnew(): never {
  // Node would have them closed. Where one is not open it has opened /dev/null.
  for (const fd of STANDARD_STREAMS) libc.fcntl(fd, F_SETFD, 0);
  const status = libc.execv(process.execPath, textList(commandLine()));
  takeBack();
  checkErrno(`execute ${process.execPath}`, status);
  throw new Error('execv() has returned'); // it does so only where it fails
}

/** The descriptor's copy stays open in what is executed; the original does not. */
export function keptOpen(fd: number): number {
  return checkErrno('keep a file open', libc.dup(fd));
}

/** As it was given, in bytes. */
function commandLine(): Buffer[] {
  const bytes = readFileSync('/proc/self/cmdline');
  const args: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    args.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return args;
}
