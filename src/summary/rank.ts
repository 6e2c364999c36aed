/** Percentiles by nearest rank. */

/**
 * Which of `count` sorted values is the one that `percent` of them do not exceed: from 1 up. Multiplied first:
 * 7 / 100 * 100 is more than 7.
 */
export function nearestRank(percent: number, count: number): number {
  return Math.max(1, Math.ceil((percent * count) / 100));
}
