// What a process takes, as the kernel has it.
import { readdirSync, readFileSync } from 'node:fs';

/** The scheduler's own count, in ns, of all threads that are still there. */
export function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [ran = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(ran);
  }, 0);
}

/** Resident memory, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The ids of the BPF programs that the process has open. */
export function programIds(pid: number): Set<number> {
  const ids = descriptors(pid).map((info) => /^prog_id:\s*(\d+)$/m.exec(info)?.[1]);
  return new Set(ids.filter((id) => id !== undefined).map(Number));
}

/** What the kernel says of each open descriptor. */
function descriptors(pid: number): string[] {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder).map((fd) => {
    try {
      return readFileSync(`${folder}/${fd}`, 'utf8');
    } catch {
      return ''; // closed since
    }
  });
}
