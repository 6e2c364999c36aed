/** Ways to draw at random, on top of lab/random.ts. */
import type { Random } from '../../../lab/random.js';

// See random.ts.
const { exp, floor, log } = Math;
const FINE = 2 ** 30;

export function chance(random: Random, probability: number): boolean {
  return probability > 0 && random.below(FINE) < probability * FINE;
}

export function pick<Value>(random: Random, ...values: readonly Value[]): Value {
  return values[random.below(values.length)] as Value;
}

/** As likely between 10 and 100 as between 100 and 1000. */
export function scaled(random: Random, least: number, most: number): number {
  return floor(least * exp((random.below(FINE) / FINE) * log(most / least)));
}

/** A number of 32 bits; now and then one that soon wraps. */
export function start32(random: Random, soon: number): number {
  return (random.below(4) === 0 ? 2 ** 32 - 1 - random.below(soon) : random.below(2 ** 32)) >>> 0;
}
