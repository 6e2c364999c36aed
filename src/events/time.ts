import type { Timed } from './types.js';

const TWO_TO_32 = 2 ** 32;

/** When it happened, as a number of nanoseconds: to within 256 where the clock counts from the epoch. */
export function timeOf(event: Timed): number {
  const { timestampHigh: high, timestampLow: low } = event;
  if (high === undefined || low === undefined) return Number(event.timestamp);
  return high * TWO_TO_32 + low;
}
