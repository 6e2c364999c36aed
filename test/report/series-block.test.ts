import { expect, test } from '@jest/globals';
import { decodeSeries, encodeSeries } from '../../src/report/series-block.js';
import { countVarints, decodeVarints, encodeVarints } from '../../src/report/varint.js';

test('what was counted over time comes back as it was', () => {
  const counted = (reported: number, buckets: readonly number[]) => ({
    ...{ samples: reported + 1, reported, overdue: 3, least: 1024, most: 2 ** 40, buckets },
  });
  const series = [
    { slots: [], counted: [] },
    { slots: [179_513_280, 179_513_290], counted: [counted(3, [0, 1, 833, 2]), counted(0, [])] },
    { slots: [7], counted: [counted(2 ** 33, [5, 2 ** 33])] },
  ];
  const bytes = encodeVarints(encodeSeries(series));
  const numbers = new Float64Array(countVarints(bytes));
  decodeVarints(bytes, numbers);
  expect(decodeSeries(numbers)).toEqual(series);
});
