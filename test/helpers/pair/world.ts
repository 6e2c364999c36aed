/** Many pairs at a time whose packets pass one capture. */
import { Random } from '../../../lab/random.js';
import { pick } from './draw.js';
import { Pair } from './pair.js';
import { Queue } from './queue.js';
import type { Passage } from './segment.js';
import type { Wishes } from './traits.js';

const CLOCKS_NS = [1, 1, 1_000, 1_000_000];
const PAIRS = 8;

/** Where each world's clock begins. */
export const WORLD_START_NS = 1_000_000_000_000;

/** What the capture has, in its order. */
export interface Shown {
  readonly pair: Pair;
  readonly passage: Passage;
}

export class World {
  readonly pairs: readonly Pair[];
  readonly resolution: number;
  readonly #queue: Queue;
  #shown: Shown[] = [];

  /**
   * @param seed all that happens follows from it
   * @param first number of its pairs: their addresses
   */
  constructor(seed: number, first: number, wishes: Wishes = {}) {
    const random = new Random(seed);
    const resolution = pick(random, ...CLOCKS_NS);
    this.resolution = resolution;
    this.#queue = new Queue(WORLD_START_NS);
    const vantage = {
      queue: this.#queue,
      resolution,
      show: (pair: Pair, passage: Passage) => void this.#shown.push({ pair, passage }),
    };
    this.pairs = Array.from(
      { length: PAIRS },
      (_, at) => new Pair(first + at, random.below(2 ** 32), vantage, wishes),
    );
  }

  get now(): number {
    return this.#queue.now;
  }

  /** Lets things happen until there are packets to be shown; empty at the end of the world. */
  next(): Shown[] {
    while (this.#shown.length === 0 && this.#queue.step());
    return this.#shown.splice(0);
  }
}
