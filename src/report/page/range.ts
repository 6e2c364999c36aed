/** The part of a run's time that is in view. All times in ms since the epoch. */

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Closer, times of a day are no numbers with enough digits. */
const SHORTEST = 10;
const MARGIN = 0.005;

/** With a margin, so that the first and the last sample are not at the very edge. */
export function wholeRange(from: number, to: number): Range {
  const margin = Math.max(SHORTEST, (to - from) * MARGIN);
  return { from: from - margin, to: to + margin };
}

/** As long as was asked for, unless too short or longer than the whole, and within that. */
export function rangeWithin(whole: Range, { from, to }: Range): Range {
  const length = Math.min(whole.to - whole.from, Math.max(SHORTEST, to - from));
  const middle = (from + to) / 2;
  const start = Math.min(whole.to - length, Math.max(whole.from, middle - length / 2));
  return { from: start, to: start + length };
}

/** @param factor less than 1: closer */
export function zoomed({ from, to }: Range, factor: number): Range {
  const middle = (from + to) / 2;
  const half = ((to - from) / 2) * factor;
  return { from: middle - half, to: middle + half };
}

/** @param share of the range; negative: earlier */
export function shifted({ from, to }: Range, share: number): Range {
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}

export function isSame(a: Range, b: Range): boolean {
  return a.from === b.from && a.to === b.to;
}
