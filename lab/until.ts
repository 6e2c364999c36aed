import { setTimeout as sleep } from 'node:timers/promises';

/** An emulated machine is this much slower. */
export const PATIENCE = Number(process.env.PPING_TEST_PATIENCE ?? 1);
const POLL_MS = 2 * PATIENCE;

/** On a busy machine all takes long: so long takes only what never comes. */
const DEADLINE_MS = 120_000;

/** Waits for a condition, not for a time; says what it waited for when the deadline passes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + deadlineMs * PATIENCE;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${deadlineMs * PATIENCE} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
