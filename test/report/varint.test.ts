import { expect, test } from '@jest/globals';
import { decodeVarints, encodeVarints } from '../../src/report/varint.js';

test('numbers come back, each in as few bytes as it needs', () => {
  const values = [
    0,
    1,
    127,
    128,
    16_383,
    16_384,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    4.3e9,
    2 ** 53 - 1,
  ];
  const bytes = encodeVarints(values);
  const back = new Float64Array(values.length);
  decodeVarints(bytes, back);
  expect([...back]).toEqual(values);
  expect(values.map((value) => encodeVarints([value]).length)).toEqual([
    ...[1, 1, 1, 2, 2, 3, 5, 5, 5, 5, 8],
  ]);
});

test('of none there is none', () => {
  expect(encodeVarints([])).toHaveLength(0);
});
