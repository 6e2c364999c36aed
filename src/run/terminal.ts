/** Where --live draws. */
import { isatty } from 'node:tty';
import { UsageError } from '../faults.js';
import { isDumbTerminal } from '../stdio/colors.js';
import { STDIN, STDOUT } from '../stdio/descriptors.js';

const INSTEAD = '-o <file>, or --quiet for a summary';

/** Throws a UsageError where there is no terminal, or one that cannot be drawn on. */
export function requireTerminal(): void {
  if (!isatty(STDIN) || !isatty(STDOUT))
    throw new UsageError(`--live needs a terminal to draw on; without one: ${INSTEAD}`);
  if (isDumbTerminal())
    throw new UsageError(`--live cannot draw on this terminal (TERM=dumb); without it: ${INSTEAD}`);
}
