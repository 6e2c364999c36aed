// Whether something grows: a straight line through its floor.

export interface Point {
  /** Minutes. */
  readonly time: number;
  readonly value: number;
}

export interface Slope {
  /** Per minute. */
  readonly value: number;
  /** Of the 95 % interval; infinite with fewer than three blocks. */
  readonly low: number;
  readonly high: number;
}

/**
 * Of the least value in each of so many blocks of equal length: a garbage collector and buffers make
 * memory rise and fall, and what leaks raises the floor. Blocks also make neighbours independent, or
 * nearly, as the interval needs them to be.
 */
export function floorSlope(points: readonly Point[], blocks: number): Slope {
  const start = points[0]?.time ?? 0;
  const length = ((points.at(-1)?.time ?? 0) - start) / blocks;
  const least = new Map<number, Point>();
  for (const point of points) {
    const block = Math.min(blocks - 1, Math.floor((point.time - start) / length));
    const known = least.get(block);
    if (!known || point.value < known.value) least.set(block, point);
  }
  return slopeOf([...least.values()]);
}

/** Least squares, with the slope's interval by Student's t. */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length;
  const time = mean(points.map((point) => point.time));
  const value = mean(points.map((point) => point.value));
  const spread = sum(points.map((point) => (point.time - time) ** 2));
  const slope = sum(points.map((point) => (point.time - time) * (point.value - value))) / spread;
  const left = sum(points.map((point) => (point.value - value - slope * (point.time - time)) ** 2));
  const half = count > 2 ? t95(count - 2) * Math.sqrt(left / (count - 2) / spread) : Infinity;
  return { value: slope, low: slope - half, high: slope + half };
}

/** Student's t, two-sided 95 %, by degrees of freedom; between two of them the greater. */
function t95(degrees: number): number {
  return T_95.findLast(([from]) => degrees >= from)?.[1] ?? Infinity;
}

const T_95: readonly (readonly [degrees: number, t: number])[] = [
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [6, 2.447],
  [7, 2.365],
  [8, 2.306],
  [9, 2.262],
  [10, 2.228],
  [12, 2.179],
  [15, 2.131],
  [20, 2.086],
  [30, 2.042],
];

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
