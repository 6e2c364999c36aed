// Faults in random order, each as often as the others.
import type { Random } from '../lab/random.js';

/** Cards are drawn until none is left, then all are shuffled again. */
export class Deck<Card> {
  readonly #cards: readonly Card[];
  readonly #random: Random;
  #left: Card[] = [];

  /** @param cards one at least */
  constructor(cards: readonly Card[], random: Random) {
    this.#cards = cards;
    this.#random = random;
  }

  draw(): Card {
    if (this.#left.length === 0) this.#left = [...this.#cards];
    const [card] = this.#left.splice(this.#random.below(this.#left.length), 1);
    return card as Card;
  }
}
