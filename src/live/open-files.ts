/** Whether there is room for more open files: an interface takes two, in other network namespaces five, and what is asked of the kernel one. */
import { closeSync, openSync } from 'node:fs';
import { Fault } from '../faults.js';

/** For questions, the output, names, and for detaching, which must not fail for want of one. */
const SPARE = 32;
/** The process, or the machine, has as many as it may. */
const FULL = ['EMFILE', 'ENFILE'];

/** Throws a Fault where few are left. */
export function requireSpareFiles(): void {
  if (areFilesSpare(SPARE)) return;
  const text = 'close to the limit of open files; raise it with ulimit -n';
  throw new Fault(text, { cause: Object.assign(new Error(), { code: FULL[0] }) });
}

/** Whether so many more can be opened. Not by a count: the lowest number that is free tells little, and /proc may be missing. */
export function areFilesSpare(count: number): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync('/dev/null', 'r'));
    return true;
  } catch (error) {
    return !FULL.includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
