/** Random numbers that can be had again: the seed belongs into every failure message. */

// In jest's sandbox a global costs a microsecond each time.
const { floor, imul } = Math;

export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 up to, not including, `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

/** A new one each run, or PPING_TEST_SEED to repeat a run. */
export function newRandom(): Random {
  return new Random(Number(process.env.PPING_TEST_SEED ?? Date.now() % 2 ** 31));
}
