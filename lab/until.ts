import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 2;

/** Waits for a condition, not for a time; says what it waited for when the deadline passes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
