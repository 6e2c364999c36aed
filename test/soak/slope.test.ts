import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { floorSlope, slopeOf } from '../../soak/slope.js';

const line = (count: number, value: (time: number) => number) =>
  Array.from({ length: count }, (_, time) => ({ time, value: value(time) }));

describe('the slope', () => {
  test('of a line is exact', () => {
    const { value, low, high } = slopeOf(line(10, (time) => 7 + 3 * time));
    for (const each of [value, low, high]) expect(each).toBeCloseTo(3, 9);
  });

  test('has the interval that a table gives', () => {
    // x 1..5, y as below: slope 0.8, its standard error 0.1155, t(3) = 3.182.
    const values = [1.2, 1.8, 2.6, 3.8, 4.2];
    const slope = slopeOf(values.map((value, at) => ({ time: at + 1, value })));
    expect(slope.value).toBeCloseTo(0.8, 9);
    expect(slope.high - slope.value).toBeCloseTo(3.182 * Math.sqrt(0.128 / 3 / 10), 3);
    expect(slope.value - slope.low).toBeCloseTo(slope.high - slope.value, 9);
  });

  test('of two points is known to nobody', () => {
    expect(slopeOf(line(2, (time) => time))).toEqual({
      value: 1,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
  });
});

describe("the floor's slope", () => {
  test('does not mind peaks', () => {
    const random = new Random(5);
    const peaks = line(1_000, (time) => 500 + (time % 7 === 0 ? 0 : random.below(300)));
    const { low, high } = floorSlope(peaks, 12);
    expect(low).toBeLessThanOrEqual(0);
    expect(high).toBeGreaterThanOrEqual(0);
    expect(high - low).toBeLessThan(0.02);
  });

  test('shows what grows beneath them', () => {
    const random = new Random(5);
    const { low, high } = floorSlope(
      line(1_000, (time) => 2 * time + (time % 7 === 0 ? 0 : random.below(300))),
      12,
    );
    expect(low).toBeGreaterThan(1.9);
    expect(high).toBeLessThan(2.1);
  });
});
