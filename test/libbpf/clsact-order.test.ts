import { expect, test } from '@jest/globals';
import type { FilterAtHook } from '../../src/libbpf/clsact-filter.js';
import {
  filtersBefore,
  isOurFilter,
  PRIORITY,
  priorityInFront,
} from '../../src/libbpf/clsact-order.js';

const OURS = 0x50500000;

function filter(priority: number, more: Partial<FilterAtHook> = {}): FilterAtHook {
  return { priority, handle: 1, programId: 7, name: 'theirs:[7]', isOfOurKind: true, ...more };
}

function pping(priority: number, handle = OURS): FilterAtHook {
  return filter(priority, { handle, programId: 9, name: 'pping_ingress:[9]' });
}

function other(priority: number): FilterAtHook {
  return filter(priority, { programId: 0, name: 'flower', isOfOurKind: false });
}

test.each([
  ['nobody is there', [], PRIORITY],
  ['others come behind', [filter(49_152), other(60_000)], PRIORITY],
  ['another run of pping is there', [pping(PRIORITY)], PRIORITY],
  ['somebody is in front', [filter(10), filter(20)], 9],
  ['somebody has our priority', [filter(PRIORITY)], PRIORITY - 1],
  ['the first place is taken by our kind, whose last comes first', [filter(1), filter(2)], 1],
  ['the first places are taken by others', [other(1), other(2), filter(8)], 3],
  ['and the next one by our kind', [other(1), filter(2)], 2],
])('%s', (_, filters, priority) => {
  expect(priorityInFront(filters)).toBe(priority);
});

test("before ours are others' filters, each kind of a priority once, and no run of pping", () => {
  const filters = [filter(3), other(4), other(4), pping(5, OURS + 1), pping(5), filter(9)];
  expect(filtersBefore(filters, OURS)).toEqual([
    { programId: 7, name: 'theirs:[7]', priority: 3 },
    { programId: 0, name: 'flower', priority: 4 },
  ]);
});

test('nobody is before what is not there, whoever has its handle', () => {
  expect(filtersBefore([filter(3), filter(4, { handle: OURS })], OURS)).toEqual([]);
});

const OWN_NAMES = [
  ['egress', 'pping_egress'],
  ['egress', 'pping_egress_ip'],
  ['ingress', 'pping_ingress'],
  ['ingress', 'pping_ingress_i'],
] as const;

test.each(OWN_NAMES)("on %s %s is ours, and in nobody's way", (hook, program) => {
  const name = `${program}:[9]`;
  const other = hook === 'egress' ? 'ingress' : 'egress';
  expect(isOurFilter(hook, { programId: 9, name })).toBe(true);
  expect(isOurFilter(other, { programId: 9, name })).toBe(false);
  expect(isOurFilter(hook, { programId: 8, name })).toBe(false);
  expect(isOurFilter(hook, { programId: 9, name: program })).toBe(false);
  const own = filter(3, { handle: OURS, programId: 9, name });
  expect(priorityInFront([own])).toBe(PRIORITY);
  expect(filtersBefore([filter(2), own], OURS)).toHaveLength(1);
});

test.each(['pping_sweep', 'pping_ingress_ip', 'pping_egress_i', 'pping'])(
  "a filter called %s is another's",
  (program) => {
    expect(priorityInFront([filter(3, { name: `${program}:[7]` })])).toBe(2);
  },
);
