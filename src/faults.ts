/** What the user asked for cannot be asked for: one line, exit 2. */
export class UsageError extends Error {}

/** What the user asked for cannot be had here: one line, exit 1. */
export class Fault extends Error {}

/** What was thrown, in one line; what a fault of ours says, as it says it. */
export function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof Fault) return error.message;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
