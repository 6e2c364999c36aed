/** What was asked for, and nothing of a run: help, version, what doctor and completion say. */
import { Fault, writeFault } from '../faults.js';

/** A reader who has seen enough is no fault. Throws any other as one that nobody catches: it ends the process. */
export function print(text: string): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    throw new Fault(writeFault('standard output', error), { cause: error });
  });
  process.stdout.write(text);
}
