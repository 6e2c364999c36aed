/** How long to wait before the next attempt: twice as long after each failure. Many senders do not come back at once. */
import type { Limits } from './limits.js';

export class Backoff {
  readonly #limits: Limits;
  readonly #random: () => number;
  #failures = 0;

  /** @param random from 0 up to 1 */
  constructor(limits: Limits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** After one more failure. @returns milliseconds: the half of it is fixed, the rest random */
  next(): number {
    const { firstDelay, mostDelay } = this.#limits;
    const longest = Math.min(mostDelay, firstDelay * 2 ** this.#failures);
    this.#failures++;
    return longest * (0.5 + 0.5 * this.#random());
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0;
  }
}
