// What may be said of a few measurements, without assuming how they are distributed.

/** Undefined of nothing is NaN. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export interface Estimate {
  /** The Hodges-Lehmann estimate: the median of all pairs' means. */
  readonly value: number;
  /** Of the 95 % interval; infinite with fewer than six values, which cannot support one. */
  readonly low: number;
  readonly high: number;
}

const ONE_SIDED_ERROR = 0.025;

/**
 * Where the centre of differences lies, by Wilcoxon's signed-rank test, exactly: 0 is outside the
 * interval if and only if the test (two-sided, 5 %) says that there is a difference.
 * Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3.1 to 3.3.
 */
export function signedRank(differences: readonly number[]): Estimate {
  const means = walshAverages(differences);
  const rank = criticalRank(differences.length);
  return {
    value: median(Array.from(means)),
    low: rank < 0 ? Number.NEGATIVE_INFINITY : (means[rank] ?? Number.NaN),
    high: rank < 0 ? Number.POSITIVE_INFINITY : (means[means.length - 1 - rank] ?? Number.NaN),
  };
}

/** The same of ratios, which are symmetric as logarithms. */
export function ratioInterval(ratios: readonly number[]): Estimate {
  const { value, low, high } = signedRank(ratios.map(Math.log));
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

/** The means of all pairs, each value with itself included, in order. */
function walshAverages(values: readonly number[]): Float64Array {
  const means = values.flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2));
  return Float64Array.from(means).sort();
}

/** The greatest rank sum that chance reaches or falls below in at most 2.5 % of cases; -1 for none. */
function criticalRank(count: number): number {
  const ways = waysToSum(count);
  let probability = 0;
  let rank = -1;
  for (const way of ways) {
    probability += way / 2 ** count;
    if (probability > ONE_SIDED_ERROR) break;
    rank++;
  }
  return rank;
}

/** In how many ways ranks out of 1..count add up to each sum. */
function waysToSum(count: number): number[] {
  let ways = [1];
  for (let rank = 1; rank <= count; rank++) {
    const without = ways;
    ways = Array.from(
      { length: without.length + rank },
      (_, sum) => (without[sum] ?? 0) + (without[sum - rank] ?? 0),
    );
  }
  return ways;
}
