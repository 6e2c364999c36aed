// What the kernel has complained of.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const COMPLAINT =
  /\b(BUG|WARNING|Oops|general protection fault|soft lockup|hard LOCKUP|hung_task|blocked for more than|rcu.*stall|refcount_t|KASAN|use-after-free)\b/;

/** Since when the machine runs, in seconds, as the kernel's log counts. */
export function kernelTime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

/** Undefined where the log cannot be read. @param since see kernelTime */
export function kernelComplaints(since: number): string[] | undefined {
  try {
    return complaintsIn(execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26 }), since);
  } catch {
    return undefined;
  }
}

/** @param log as dmesg prints it: `[   12.345678] words` */
export function complaintsIn(log: string, since: number): string[] {
  return log.split('\n').filter((line) => {
    const time = Number(/^\[ *(\d+\.\d+)\]/.exec(line)?.[1]);
    return time >= since && COMPLAINT.test(line);
  });
}
