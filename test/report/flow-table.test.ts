import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { FlowTable } from '../../src/report/flow-table.js';

test('is as a map is, for ids of all sizes', () => {
  const random = new Random(7);
  const table = new FlowTable();
  const map = new Map<number, number>();
  const ids = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1];
  for (let at = 0; at < 20_000; at++) ids.push(random.below(2 ** (1 + (at % 48))));
  for (const [index, id] of ids.entries()) {
    expect(table.get(id)).toBe(map.get(id) ?? 0);
    table.set(id, index & 15);
    map.set(id, index & 15);
  }
  for (const [id, value] of map) expect(table.get(id)).toBe(value);
});
