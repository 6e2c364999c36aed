/** What was counted over time, as whole numbers. */
import type { AggregateSeries } from './aggregate-facts.js';
import type { Counted } from './buckets.js';

/** Of each series its length, and then of each slot what follows the one before. */
export function encodeSeries(all: readonly AggregateSeries[]): number[] {
  const numbers: number[] = [];
  for (const { slots, counted } of all) {
    numbers.push(slots.length);
    let before = 0;
    for (const [at, slot] of slots.entries()) {
      numbers.push(slot - before);
      putCounted(numbers, counted[at] as Counted);
      before = slot;
    }
  }
  return numbers;
}

export function decodeSeries(numbers: ArrayLike<number>): AggregateSeries[] {
  let at = 0;
  const next = () => numbers[at++] as number;
  const all: AggregateSeries[] = [];
  while (at < numbers.length) {
    const length = next();
    const slots: number[] = [];
    const counted: Counted[] = [];
    for (let slot = 0; slots.length < length; ) {
      slot += next();
      slots.push(slot);
      counted.push(takeCounted(next));
    }
    all.push({ slots, counted });
  }
  return all;
}

/** Most of it are buckets: of their indices the steps. */
function putCounted(numbers: number[], { buckets, ...counted }: Counted): void {
  const { samples, reported, overdue, least, most } = counted;
  numbers.push(samples, reported, overdue, least, most, buckets.length / 2);
  let before = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    const index = buckets[at] as number;
    numbers.push(index - before, buckets[at + 1] as number);
    before = index;
  }
}

function takeCounted(next: () => number): Counted {
  const [samples, reported, overdue] = [next(), next(), next()];
  const [least, most, filled] = [next(), next(), next()];
  const buckets: number[] = [];
  for (let index = 0; buckets.length < 2 * filled; ) {
    index += next();
    buckets.push(index, next());
  }
  return { samples, reported, overdue, least, most, buckets };
}
