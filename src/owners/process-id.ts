/** Whether a number is a process's id, as the BPF programs have it: in the initial PID namespace, of its first thread. */
import { readFileSync, readlinkSync } from 'node:fs';
import { UsageError } from '../faults.js';

const PROC = '/proc';
/** linux/proc_ns.h: PROC_PID_INIT_INO */
const INITIAL_NAMESPACE = 'pid:[4026531836]';

/**
 * Throws a UsageError where there is no such process, or none by which sockets can be found.
 * @param proc where /proc is; for tests, a folder of their own
 */
export function requireProcess(pid: number, proc = PROC): void {
  if (!isInitialNamespace(proc)) {
    throw new UsageError('--pid takes ids of the host; run the container with --pid=host');
  }
  if (!isProcessThere(pid)) throw new UsageError(`--pid: no process ${pid}`);
  const leader = leaderOf(pid, proc);
  if (leader !== pid) throw new UsageError(`--pid: ${pid} is a thread of process ${leader}`);
}

/** Without /proc it is taken for the initial one. */
function isInitialNamespace(proc: string): boolean {
  try {
    return readlinkSync(`${proc}/self/ns/pid`) === INITIAL_NAMESPACE;
  } catch {
    return true;
  }
}

/** A thread is, too. */
export function isProcessThere(pid: number): boolean {
  try {
    process.kill(pid, 0); // asks, and sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Itself where that cannot be read: /proc may hide others' processes (hidepid). */
function leaderOf(pid: number, proc: string): number {
  try {
    const status = readFileSync(`${proc}/${pid}/status`, 'utf8');
    return Number(/^Tgid:\s*(\d+)$/m.exec(status)?.[1] ?? pid);
  } catch {
    return pid;
  }
}
