// What the kernel has complained of. Its log is the whole host's.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const COMPLAINT =
  /\b(BUG|WARNING|Oops|general protection fault|soft lockup|hard LOCKUP|rcu.*stall|refcount_t|KASAN|use-after-free)\b/;
/** Any task on a host that is short of CPU or disk: `INFO: task node:4711 blocked for more than 120 seconds.` */
const HUNG_TASK = /\bINFO: task .*:(\d+) blocked .*\bfor more than\b/;

/** Since when the machine runs, in seconds, as the kernel's log counts. */
export function kernelTime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

/** Undefined where the log cannot be read. @param since see kernelTime @param tasks see complaintsIn */
export function kernelComplaints(since: number, tasks: readonly number[]): string[] | undefined {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const log = execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26, stdio: [...stdio] });
    return complaintsIn(log, since, tasks);
  } catch {
    return undefined;
  }
}

/**
 * @param log as dmesg prints it: `[   12.345678] words`
 * @param tasks the ids of ours; that others are blocked is no complaint
 */
export function complaintsIn(log: string, since: number, tasks: readonly number[]): string[] {
  return log.split('\n').filter((line) => {
    const time = Number(/^\[ *(\d+\.\d+)\]/.exec(line)?.[1]);
    const blocked = HUNG_TASK.exec(line)?.[1];
    const isOne = blocked === undefined ? COMPLAINT.test(line) : tasks.includes(Number(blocked));
    return time >= since && isOne;
  });
}
