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

/** Bytes that the kernel has taken for each BPF map that the process has open, by the map's id. */
export function mapMemory(pid: number): Map<number, number> {
  const folder = `/proc/${pid}/fdinfo`;
  const maps = new Map<number, number>();
  for (const fd of readdirSync(folder)) {
    const info = infoOf(`${folder}/${fd}`);
    const id = /^map_id:\s*(\d+)$/m.exec(info)?.[1];
    if (id !== undefined) maps.set(Number(id), Number(/^memlock:\s*(\d+)$/m.exec(info)?.[1]));
  }
  return maps;
}

/** Nothing, if the descriptor has been closed since it was found. */
function infoOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
