/** What full maps take at most, against what the kernel says that they take. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { flowTableBytes } from '../../src/core/flow-table.js';
import { MAP_ENTRY, mapBytes } from '../../src/core/map-memory.js';
import { PAGE_BYTES } from '../../src/libbpf/mapping.js';
import { FLOW_MAPS } from '../../src/maps/flow-table.js';

/** No power of two: the kernel has more buckets than entries. */
const ENTRIES = 5_000;

/** Of a map without entries: struct bpf_htab. Among what is fixed. */
const MAP_BYTES = 1_024;

let kernel: DrivenKernel;

beforeAll(() => {
  const sizes = { flows: ENTRIES, timestamps: ENTRIES };
  kernel = new DrivenKernel({ rate: 0n, includeLocal: true }, sizes);
  kernel.assure(ENTRIES);
  // All of their last data is sent again, and fills no gap.
  kernel.drive({ first: 0, count: ENTRIES, what: WHAT.request, identifier: 2, rtt: 1_000n });
  // The first waits in its flow, the second in the map.
  for (const identifier of [3, 4]) {
    kernel.drive({ first: 0, count: ENTRIES, what: WHAT.request, identifier, rtt: 1_000n });
  }
});

afterAll(() => kernel?.close());

/** It counts entries, and not what it rounds them up to. */
test.each(['losses', 'timestamps'] as const)('%s', (name) => {
  const told = kernel.memoryOf(name);
  expect(told).toBeGreaterThan(ENTRIES * (MAP_ENTRY[name].key + MAP_ENTRY[name].value) * 0.8);
  const most = mapBytes(ENTRIES, MAP_ENTRY[name]);
  expect(most + MAP_BYTES).toBeGreaterThanOrEqual(told);
  expect(most).toBeLessThan(told * 1.6);
});

test('the table of flows', () => {
  const told = FLOW_MAPS.reduce((sum, name) => sum + kernel.memoryOf(name), 0);
  const most = flowTableBytes(ENTRIES);
  // By the object that has the largest flows; and each map takes whole pages.
  expect(most + FLOW_MAPS.length * (MAP_BYTES + PAGE_BYTES)).toBeGreaterThanOrEqual(told);
  expect(most).toBeLessThan(told * 1.4);
});
