// Whether an instance ended as it should have.
import type { Ending } from '../lab/child.js';
import { until } from '../lab/until.js';
import type { Aftermath } from './faults/fault.js';
import type { Monitor } from './monitor.js';

/** Longer than anything that does not hang takes, also on a slow machine. */
export const END_MS = 120_000;

/** Waits for the end, and remembers what is wrong with it. What hangs is killed. @param code undefined for any */
export async function judgeEnd(
  { wrongEnds }: Aftermath,
  instance: Monitor,
  code?: number,
): Promise<void> {
  const ending = await instance.endedWithin(END_MS);
  const wrong = wrongIn(ending, instance.stackLines, code);
  const last = instance.words.slice(-2).join(' / ');
  if (wrong !== undefined) wrongEnds.push(`${wrong}, saying: ${last}`);
  if (ending) return;
  instance.signal('SIGKILL');
  await until(() => instance.hasEnded, 'a killed instance to end');
}

/** In words; undefined where nothing is. @param ending undefined where there was none */
export function wrongIn(
  ending: Ending | undefined,
  stackLines: number,
  code?: number,
): string | undefined {
  if (!ending) return `still there after ${END_MS} ms`;
  const isRight = code === undefined || ending.code === code;
  const how = ending.code === null ? String(ending.signal) : `exit code ${ending.code}`;
  if (!isRight) return `${how} instead of ${code}`;
  return stackLines > 0 ? `${how}, but ${stackLines} lines of a stack` : undefined;
}
