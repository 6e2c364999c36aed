/**
 * On which side of the interface an RTT was measured. The two are different paths and are never
 * put into one figure for people.
 */
import type { RttEvent } from '../events/types.js';

/** beyond: to hosts that packets reach through the interface; behind: to this machine, and what it forwards for. */
export const SIDES = ['beyond', 'behind', 'unknown'] as const;
export type Side = (typeof SIDES)[number];

export function sideOf({ matchOnEgress }: Pick<RttEvent, 'matchOnEgress'>): Side {
  if (matchOnEgress === undefined) return 'unknown';
  return matchOnEgress ? 'behind' : 'beyond';
}
