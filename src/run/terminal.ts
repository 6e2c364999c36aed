/** Where --live draws. */
import { isatty } from 'node:tty';
import { UsageError } from '../faults.js';
import { STDIN, STDOUT } from '../stdio/descriptors.js';

/** Throws a UsageError where there is no terminal. */
export function requireTerminal(): void {
  if (isatty(STDIN) && isatty(STDOUT)) return;
  throw new UsageError(
    '--live needs a terminal to draw on; without one: -o <file>, or --quiet for a summary',
  );
}
