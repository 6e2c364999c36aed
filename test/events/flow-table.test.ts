import { describe, expect, test } from '@jest/globals';
import { copyOf, FlowTable } from '../../src/events/flow-table.js';
import { ipv4, reversed, rttEvent } from '../helpers/events/events.js';

const flow = (flowId: number) => rttEvent({ flowId });
const numberOf = (table: FlowTable, flowId: number) => table.find(flow(flowId));

function filled(most: number, flows: readonly number[]): FlowTable {
  const table = new FlowTable(most);
  for (const flowId of flows) if (numberOf(table, flowId) < 0) table.add(flow(flowId));
  return table;
}

describe('a flow', () => {
  test('has no number until it is added, and then the same', () => {
    const table = new FlowTable(10);
    expect(numberOf(table, 7)).toBe(-1);
    expect(table.add(flow(7))).toBe(0);
    expect(table.add(flow(8))).toBe(1);
    expect([7, 8, 9].map((flowId) => numberOf(table, flowId))).toEqual([0, 1, -1]);
  });

  test.each([
    ['ports', rttEvent()],
    ['addresses, where its ports are equal', rttEvent({ srcPort: 179, destPort: 179 })],
    [
      'ports, where its addresses are equal',
      rttEvent({ srcAddress: ipv4('127.0.0.1'), destAddress: ipv4('127.0.0.1') }),
    ],
  ])('has one in each direction, told apart by its %s', (_, there) => {
    const table = new FlowTable(10);
    const back = reversed(there);
    const numbers = [table.add(there), table.add(back)];
    expect(numbers).toEqual([0, 1]);
    expect([table.find(there), table.find(back)]).toEqual(numbers);
    expect(table.numbersOf(there.flowId).sort()).toEqual(numbers);
  });

  test('with a cookie beyond 32 bits is told from others', () => {
    const flows = [5, 5 + 2 ** 32, 5 + 2 ** 40, 2 ** 51];
    const table = filled(10, flows);
    expect(flows.map((flowId) => numberOf(table, flowId))).toEqual([0, 1, 2, 3]);
  });

  test('that is deleted leaves its number to another', () => {
    const table = filled(10, [1, 2, 3]);
    table.delete(2);
    expect(numberOf(table, 2)).toBe(-1);
    expect(table.add(flow(4))).toBe(1);
    expect([1, 3, 4].map((flowId) => numberOf(table, flowId))).toEqual([0, 2, 1]);
  });
});

test('numbers stay what they are while the room grows', () => {
  const flows = Array.from({ length: 5_000 }, (_, at) => 3 * at);
  const table = new FlowTable(5_000);
  const { room } = table;
  for (const flowId of flows) table.add(flow(flowId));
  expect(table.room).toBeGreaterThanOrEqual(5_000);
  expect(table.room).toBeGreaterThan(room);
  expect(flows.every((flowId, at) => numberOf(table, flowId) === at)).toBe(true);
});

describe('where there is no room', () => {
  test('one makes room that was not looked for since', () => {
    const table = filled(4, [1, 2, 3, 4, 1, 3]);
    expect(table.add(flow(5))).toBe(1);
    expect([1, 2, 3, 4, 5].map((flowId) => numberOf(table, flowId))).toEqual([0, -1, 2, 3, 1]);
  });

  test('where all were, one makes room all the same', () => {
    const table = filled(3, [1, 2, 3, 1, 2, 3]);
    table.add(flow(4));
    const left = [1, 2, 3, 4].filter((flowId) => numberOf(table, flowId) >= 0);
    expect(left).toHaveLength(3);
    expect(left).toContain(4);
  });

  test('those that are there, and no others, are found, whatever came', () => {
    const table = new FlowTable(64);
    const byNumber: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      const flowId = (step * 7_919) % 301;
      const found = numberOf(table, flowId);
      expect(found).toBe(byNumber.indexOf(flowId));
      if (found < 0) byNumber[table.add(flow(flowId))] = flowId;
      if (step % 97 !== 0) continue;
      table.delete(flowId);
      byNumber[byNumber.indexOf(flowId)] = Number.NaN;
    }
    expect(byNumber).toHaveLength(64);
  });
});

test('what is kept of flows is the same in longer arrays', () => {
  expect(copyOf(new Int32Array([1, 2]), new Int32Array(4))).toEqual(new Int32Array([1, 2, 0, 0]));
});
