/** What no measured RTT may be, and what most have to be. */
import { expect } from '@jest/globals';
import { median } from '../../../bench/statistics.js';
import type { MeasuredFlow, Situation } from './budget.js';
import { errorsOf, samplesOf } from './error-table.js';

/** Of the reference, or 200 us: whichever is larger. */
const TOLERANCE = 0.1;
const TOLERANCE_NS = 200_000;

/** @returns the median of the reference, in ns */
export function expectWithinBudget(flows: readonly MeasuredFlow[], situation: Situation): number {
  const samples = samplesOf(flows);
  const reference = median(samples.map((sample) => sample.reference));
  const error = median(errorsOf(flows).map(Math.abs));

  expect(Math.min(...samples.map(({ least }) => least))).toBeGreaterThanOrEqual(
    pathTakes(situation),
  );
  expect(samples.filter(({ rtt, least }) => rtt < least)).toEqual([]);
  expect(error).toBeLessThanOrEqual(Math.max(TOLERANCE * reference, TOLERANCE_NS));
  return reference;
}

/** There and back, in ns. */
export function pathTakes({ delayMs }: Situation): number {
  return 2e6 * delayMs;
}
