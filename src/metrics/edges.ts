/** The edges of the histogram of RTTs: the only place that has them. */

const US = 1_000;
const MS = 1_000_000;
const S = 1_000_000_000;

/** In ns, ascending. Closest together where most networks are, from 1 to 300 ms. */
export const EDGES: readonly number[] = [
  ...[50, 100, 200, 500].map((edge) => edge * US),
  ...[1, 2, 5, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500].map((edge) => edge * MS),
  ...[1, 2, 5, 10].map((edge) => edge * S),
];
