import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { Deck } from '../../soak/deck.js';

const CARDS = [0, 1, 2, 3, 4, 5];
const draws = (seed: number, count: number) => {
  const deck = new Deck(CARDS, new Random(seed));
  return Array.from({ length: count }, () => deck.draw());
};

test('each card comes once before any comes again', () => {
  const drawn = draws(3, 3 * CARDS.length);
  for (let round = 0; round < 3; round++) {
    const cards = drawn.slice(round * CARDS.length, (round + 1) * CARDS.length);
    expect(cards.sort()).toEqual(CARDS);
  }
});

test('the seed decides the order', () => {
  expect(draws(3, 50)).toEqual(draws(3, 50));
  expect(draws(3, 50)).not.toEqual(draws(4, 50));
});
