/**
 * Which RTTs tell the path. A delayed acknowledgement is in those of bare ACKs, and an application's
 * time in those that were answered with data. None is too short: the kind with the lower median is
 * the nearer one, if there is enough of it (docs/measurement.md, "What answered").
 */

/** Of what has answered: kernels (bare ACKs, and those of handshakes), segments with data, or either. */
export type PathKind = 'all' | 'kernel' | 'data';

/** A kind that has fewer says little ... */
export const LEAST_OF_KIND = 20;
/** ... and one that is a smaller part of all may be of other hosts, or of another time. */
export const LEAST_PART = 1 / 4;

export interface KindCounts {
  readonly kernel: number;
  readonly data: number;
}

/** @param medianOf asked only where there is something to choose */
export function pathKindOf(
  counts: KindCounts,
  medianOf: (kind: keyof KindCounts) => number,
): PathKind {
  const { kernel, data } = counts;
  if (kernel === 0 || data === 0) return 'all';
  const enough = Math.max(LEAST_OF_KIND, LEAST_PART * (kernel + data));
  if (kernel < enough && data < enough) return 'all';
  // Where they are the same, it is no application that makes a difference.
  const nearer = medianOf('kernel') <= medianOf('data') ? 'kernel' : 'data';
  return counts[nearer] < enough ? 'all' : nearer;
}
