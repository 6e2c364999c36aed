/** How long RTTs waited beyond the distance: as in src/summary/, where --min-window is not to be known. */

/** Of a window of 5 minutes. */
const HALF_MS = 150_000;

/**
 * Of one host: how far each RTT is above the least of its half window and of the one before.
 * @param times in ms, in order
 */
export function waitsOf(rtts: Float64Array, times: Float64Array): Float64Array {
  const waits = rtts.slice();
  let before = Number.POSITIVE_INFINITY;
  for (let start = 0; start < rtts.length; ) {
    const begun = times[start] as number;
    const end = endOfHalf(times, start);
    const least = waits.subarray(start, end).reduce((a, b) => Math.min(a, b));
    subtract(waits.subarray(start, end), Math.min(least, before));
    const isNext = end < times.length && (times[end] as number) - begun < 2 * HALF_MS;
    before = isNext ? least : Number.POSITIVE_INFINITY;
    start = end;
  }
  return waits;
}

/** Where the next one begins. */
function endOfHalf(times: Float64Array, start: number): number {
  const over = (times[start] as number) + HALF_MS;
  let end = start + 1;
  while (end < times.length && (times[end] as number) < over) end++;
  return end;
}

function subtract(values: Float64Array, base: number): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = (values[index] as number) - base;
  }
}
