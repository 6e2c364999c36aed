// What /proc says of a process.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { identityOf } from './stream.js';

/** Resident memory in KiB. */
export function residentKib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** The ids of its threads. */
export function tasksOf(pid: number): number[] {
  return entries(`/proc/${pid}/task`).map(Number);
}

/** Whether it has the file open, whatever that is called now. @param identity see identityOf */
export function holds(pid: number, identity: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return entries(folder).some((fd) => {
    try {
      return identityOf(statSync(`${folder}/${fd}`)) === identity;
    } catch {
      return false; // closed meanwhile
    }
  });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the process has ended
  }
}
