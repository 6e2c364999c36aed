import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps, but no longer than until the signal. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (ms <= 0 || stop.aborted) return;
  await sleep(ms, undefined, { signal: stop }).catch(() => {});
}
