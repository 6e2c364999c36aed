/** What the user asked for cannot be asked for: one line, exit 2. */
export class UsageError extends Error {}

/** What the user asked for cannot be had here: one line, exit 1. */
export class Fault extends Error {}

/** What was thrown, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
