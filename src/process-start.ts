/** When a process has started: ids are used again, and this tells one process from another. */
import { readFileSync } from 'node:fs';

/** Of the fields behind the name: the 22nd of all (proc(5)). */
const STARTED = 19;

/** In ticks since boot. Undefined where there is no such process, or it cannot be read. @param proc where /proc is */
export function processStart(pid: number, proc = '/proc'): string | undefined {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    // The name before may have spaces in it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTED];
  } catch {
    return undefined;
  }
}
