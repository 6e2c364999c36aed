/** What was counted, over time, in slots of the same width. */
import { type Counted, sumOf } from './buckets.js';

export class Slots {
  /** By the time of a slot in widths. */
  readonly #slots = new Map<number, Counted>();

  get size(): number {
    return this.#slots.size;
  }

  add(slot: number, counted: Counted): void {
    const before = this.#slots.get(slot);
    this.#slots.set(slot, before ? sumOf([before, counted]) : counted);
  }

  /** Two slots become one. */
  widen(): void {
    const narrow = [...this.#slots];
    this.#slots.clear();
    for (const [slot, counted] of narrow) this.add(Math.floor(slot / 2), counted);
  }

  /** In the order of time. */
  sorted(): (readonly [slot: number, counted: Counted])[] {
    return [...this.#slots].sort(([a], [b]) => a - b);
  }
}
