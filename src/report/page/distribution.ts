/** How RTTs are distributed: a histogram of logarithmic bins, and a cumulative distribution. */
import { countBelow } from './statistics.js';

/** From one RTT up to another, in ns. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A share of all RTTs, from 0 to 1, is not longer than this. */
export interface Step {
  readonly rtt: number;
  readonly share: number;
}

const BINS_PER_DECADE = [500, 200, 100, 50, 20, 10, 5];
const MOST_BINS = 80;
/** What a logarithm can be taken of: an RTT of 0 is in the first bin. */
const LEAST = 1;

/** @param sorted ascending, at least one */
export function histogramOf(sorted: Float64Array): Bin[] {
  const least = Math.max(LEAST, sorted[0] as number);
  const most = Math.max(LEAST, sorted[sorted.length - 1] as number);
  const decades = Math.log10(most / least);
  const each = BINS_PER_DECADE.find((bins) => decades * bins < MOST_BINS - 1) ?? 5;
  const edge = (index: number) => 10 ** (index / each);
  const first = indexOfBin(least, each);
  const last = indexOfBin(most, each);
  const bins: Bin[] = [];
  let before = 0;
  for (let index = first; index <= last; index++) {
    const below = index === last ? sorted.length : countBelow(sorted, edge(index + 1));
    bins.push({ from: edge(index), to: edge(index + 1), count: below - before });
    before = below;
  }
  return bins;
}

/** The bin whose edges hold the value; the logarithm alone may be off by the last digit. */
function indexOfBin(value: number, each: number): number {
  const index = Math.floor(Math.log10(value) * each);
  if (value < 10 ** (index / each)) return index - 1;
  return value < 10 ** ((index + 1) / each) ? index : index + 1;
}

/** @param sorted ascending, at least one */
export function cumulativeOf(sorted: Float64Array, mostSteps: number): Step[] {
  const { length } = sorted;
  const steps = Math.min(mostSteps, length);
  return Array.from({ length: steps }, (_, index) => {
    const rank = Math.ceil(((index + 1) * length) / steps);
    return { rtt: sorted[rank - 1] as number, share: rank / length };
  });
}
