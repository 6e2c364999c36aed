/**
 * This process begins anew, as the same process with the same command line, with what it has opened so far. What
 * the thread that does this may do is what all threads of the new one may do: that is how rights are given up.
 */
import { readFileSync } from 'node:fs';
import { checkErrno } from '../libbpf/errors.js';
import { libc, textList } from '../libbpf/ffi.js';

/** What is handed over, as JSON; of this process, and of none that it starts. */
const VARIABLE = 'PPING_HANDED_OVER';
const STANDARD_STREAMS = [0, 1, 2];
/** fcntl.h */
const F_SETFD = 2;

/** Returns only where that is refused, and then throws a KernelError. */
export function beginAnew(handedOver: object): never {
  process.env[VARIABLE] = JSON.stringify({ pid: process.pid, handedOver });
  // Node would have them closed. Where one is not open it has opened /dev/null.
  for (const fd of STANDARD_STREAMS) libc.fcntl(fd, F_SETFD, 0);
  const status = libc.execv(process.execPath, textList(commandLine()));
  delete process.env[VARIABLE];
  checkErrno(`execute ${process.execPath}`, status);
  throw new Error('execv() has returned'); // it does so only where it fails
}

/** What was handed over, once; undefined where this is the beginning. */
export function takeHandedOver(): unknown {
  const text = process.env[VARIABLE];
  if (text === undefined) return undefined;
  delete process.env[VARIABLE];
  const { pid, handedOver } = JSON.parse(text) as { pid: number; handedOver: unknown };
  return pid === process.pid ? handedOver : undefined;
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
