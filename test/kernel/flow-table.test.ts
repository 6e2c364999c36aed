/** The table of flows: each finds room up to the last, cells are used again, and nobody chooses what comes together. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { CLIENT, Kernel, MINUTE, SERVER } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';
import { flowBuckets, mostDisplaced } from '../../src/core/flow-table.js';
import { bucketOf, seedOf } from '../helpers/kernel/flow-hash.js';

jest.setTimeout(240_000 * PATIENCE);

let kernel: Kernel;
afterEach(() => kernel.close());

/** Those that are not assured get three quarters of it (bpf/core/assured.h). */
const halves = (driven: DrivenKernel, flows: number) => {
  for (const first of [0, Math.floor(flows / 2)]) {
    for (const identifier of [1, 2]) {
      const what = WHAT.request + WHAT.answer;
      driven.drive({ first, count: Math.ceil(flows / 2), what, identifier, rtt: 1_000n });
    }
  }
};

test.each([16, 1_000, 4_096, 20_000])(
  '%i flows find room, and as many after them',
  async (flows) => {
    const driven = new DrivenKernel({ rate: 0n, includeLocal: true }, { flows, timestamps: 16 });
    kernel = driven;
    for (const minutes of [10n, 20n]) {
      halves(driven, flows);
      expect(await driven.sweep()).toMatchObject({ flows, flowsDeleted: 0 });
      expect(driven.counters().flowMapFull).toBe(0);
      const after = { flows, flowsDeleted: flows };
      expect(await driven.at(minutes * MINUTE).sweep()).toMatchObject(after);
      expect(await driven.sweep()).toMatchObject({ flows: 0 });
    }
  },
);

test('one more than there is room for is counted', () => {
  const flows = 1_000;
  const driven = new DrivenKernel({ rate: 0n, includeLocal: true }, { flows, timestamps: 16 });
  kernel = driven;
  halves(driven, flows);
  driven.drive({ first: flows, count: 1, what: WHAT.request, identifier: 1, rtt: 1_000n });
  expect(driven.counters().flowMapFull).toBe(1);
});

test.each(['lose_cells', 'end_only'] as const)(
  'what deleting could not do a sweep does: %s',
  async (what) => {
    const flows = 1_000;
    const driven = new DrivenKernel({ rate: 0n, includeLocal: true }, { flows, timestamps: 16 });
    kernel = driven;
    halves(driven, flows);
    if (what === 'lose_cells') await driven.at(10n * MINUTE).sweep();
    driven.leave(what, 0, flows);
    driven.drive({ first: flows, count: 1, what: WHAT.request, identifier: 1, rtt: 1_000n });
    expect(driven.counters().flowMapFull).toBe(1);
    const swept = await driven.sweep();
    // Those that are not left over are still in use.
    expect(swept.flowsDeleted).toBe(0);
    expect(swept.flows).toBeLessThan(what === 'lose_cells' ? 1 : flows - 100);
    halves(driven, flows);
    expect(driven.counters().flowMapFull).toBe(1);
    expect(await driven.sweep()).toMatchObject({ flows });
  },
);

const FLOWS = 1_024;
/** More than a bucket and the displaced have room for. */
const CROWD = mostDisplaced(FLOWS) + 100;
const SEED = Buffer.alloc(11 * 8, 'a seed that somebody has found out');

/** Ports of connections of CLIENT and SERVER that share a bucket under SEED. */
function crowd(): number[] {
  const ports: number[] = [];
  for (let port = 1; port < 65_536; port++)
    if (bucketOf(CLIENT, { ...SERVER, port }, seedOf(SEED), flowBuckets(FLOWS)) === 0)
      ports.push(port);
  return ports.slice(0, CROWD);
}

/** @returns how many found no room */
function refused(hashSeed?: Uint8Array): number {
  const fixed = { linkLayer: 'ethernet', ...(hashSeed && { hashSeed }) } as const;
  kernel = new Kernel({ rate: 0n }, fixed, { flows: FLOWS });
  for (const port of crowd()) kernel.egress(CLIENT, { ...SERVER, port }, { tsval: 1, payload: 1 });
  return kernel.counters().flowMapFull;
}

test('who does not know the seed cannot choose connections that find no room', () => {
  expect(crowd()).toHaveLength(CROWD);
  expect(refused()).toBe(0);
  kernel.close();
  // Or they were none that would.
  expect(refused(SEED)).toBeGreaterThan(50);
});
