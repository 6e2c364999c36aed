/** What was asked for, and nothing of a run: help, version, what doctor and completion say. */

/** A reader who has seen enough is no fault. */
export function print(text: string): void {
  process.stdout.once('error', () => {});
  process.stdout.write(text);
}
