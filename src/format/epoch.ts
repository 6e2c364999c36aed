/** Times since the epoch, for the lines of which there are millions. */
import type { Timed } from '../events/types.js';
import { putNine, putNumber } from './bytes.js';
import type { Clock } from './clock.js';

/** Nanoseconds since the epoch as a number, with all its digits. @returns the position after it */
export function putEpoch(view: DataView, at: number, clock: Clock, event: Timed): number {
  const nanoseconds = clock.withinSecond(event);
  const { second } = clock;
  // A number has no leading zeros.
  if (second === 0) return putNumber(view, at, nanoseconds);
  return putNine(view, putNumber(view, at, second), nanoseconds);
}
