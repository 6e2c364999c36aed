/** What finds no room in the small ring buffer is in the large one; beyond that it is counted. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { SECOND, SERVER } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';
import { RTT_EVENT, SIZE } from '../../src/core/layouts.js';

jest.setTimeout(240_000 * PATIENCE);

/** More than the small one holds, and less than both. */
const MANY = 20_000;
/** More than both. */
const TOO_MANY = 80_000;
/** Of an RTT of a flow that has lost something, with the ring buffer's own. */
const RECORD_BYTES = RTT_EVENT.size + SIZE.recordHeader;
const MIB = 2 ** 20;

let kernel: DrivenKernel;
beforeEach(() => {
  kernel = new DrivenKernel({ rate: 0n, includeLocal: true }, { flows: 2 * TOO_MANY });
});
afterEach(() => kernel.close());

let identifier = 1;

/** One of each flow. Before that each has been met, and its events read. */
function rtts(flows: number): void {
  identifier++;
  const what = WHAT.request + WHAT.answer;
  kernel.drive({ first: 0, count: flows, what, identifier, rtt: 1_000n });
}

function meet(flows: number): void {
  for (let first = 0; first < flows; first += 4_000) {
    for (identifier of [1, 2]) {
      const what = WHAT.request + WHAT.answer;
      kernel.drive({ first, count: 4_000, what, identifier, rtt: 1_000n });
      kernel.events();
    }
  }
}

test('all are read, in order, and the small one is used again', () => {
  meet(MANY);
  for (let round = 0; round < 3; round++) {
    rtts(MANY);
    const ids = kernel.rtts().map(({ flowId }) => flowId);
    expect(ids).toHaveLength(MANY);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    rtts(10);
    expect(kernel.rtts()).toHaveLength(10);
  }
  expect(kernel.counters()).toMatchObject({ rttEventsLost: 0, flowEventsLost: 0 });
});

test('the large one takes no memory of the process until something is in it', () => {
  meet(MANY);
  expect(largestMapping()).toBe(2 * MIB);
  rtts(MANY);
  expect(kernel.rtts()).toHaveLength(MANY);
  expect(largestMapping()).toBe(16 * MIB);
});

test('the last quarter is for flows that not anyone can make; what is left out of it is counted', async () => {
  for (identifier = 1; identifier <= 18; identifier++) {
    const what = WHAT.request + WHAT.answer;
    kernel.drive({ first: 0, count: 4_000, what, identifier, rtt: 1_000n });
  }
  const stranger = { address: '10.9.0.1', port: 1_000 };
  for (let n = 0; n < 80; n++)
    kernel.ingress(stranger, SERVER, { tsval: 5, seq: 1400 * n, payload: 1400 });
  const { flowEventsLost: before } = kernel.counters();
  expect(await kernel.at(40n * SECOND).sweep()).toMatchObject({ flowsDeleted: 1 });
  expect(kernel.counters().flowEventsLost).toBe(before + 1);
  expect(kernel.flowEvents().filter(({ change }) => change === 'unmeasured')).toEqual([]);
});

test('what neither has room for is counted', () => {
  meet(TOO_MANY);
  const { rttEventsLost: before } = kernel.counters();
  rtts(TOO_MANY);
  const told = kernel.rtts().length;
  // Of the small one a sixteenth is left for what other CPUs tell at the same moment.
  const room =
    Math.floor((8 * MIB) / RECORD_BYTES) + Math.floor((MIB * 15) / 16 / RECORD_BYTES) + 1;
  expect(told).toBe(room);
  expect(kernel.counters().rttEventsLost - before).toBe(TOO_MANY - told);
  rtts(10);
  expect(kernel.rtts()).toHaveLength(10);
});

/** Of the maps of BPF, in bytes: all of it counts as resident. */
function largestMapping(): number {
  const mappings = readFileSync('/proc/self/maps', 'utf8').matchAll(/^(\w+)-(\w+) .*bpf-map$/gm);
  const sizes = [...mappings].map(([, start, end]) => Number(`0x${end}`) - Number(`0x${start}`));
  return Math.max(...sizes);
}
