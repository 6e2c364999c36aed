import { withErrorNames } from './error-names.js';

/** What the user asked for cannot be asked for: one line, exit 2. */
export class UsageError extends Error {}

/** What the user asked for cannot be had here: one line, exit 1. */
export class Fault extends Error {}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return withErrorNames(error instanceof Error ? error.message || error.name : String(error));
}

/** A fault as it is; else one that says what was thrown, in one line. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const line = messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return new Fault(line, { cause: error });
}
