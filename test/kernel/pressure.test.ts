/** Maps of 1,000 entries under 10,000 flows: the governor's part and the kernel's, together. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { MILLISECOND, SECOND } from '../../lab/kernel/kernel.js';
import { newRandom, type Random } from '../../lab/random.js';
import { PATIENCE } from '../../lab/until.js';
import { FATES, packetsIn } from '../../src/core/counters.js';
import { demandAfter } from '../../src/core/sweep.js';
import { Governor, type GovernorStep } from '../../src/sampling/governor.js';
import { DEFAULT_SETTINGS } from '../../src/sampling/policy.js';

jest.setTimeout(600_000 * PATIENCE);

const ENTRIES = 1_000;
const FLOWS = 10_000;
const ASKED = { ...DEFAULT_SETTINGS, includeLocal: true };
const TICK = 100n * MILLISECOND;
const TICKS_PER_SWEEP = 10;
const RTT_TICKS = 2;
const BLOCK = 50;

let kernel: DrivenKernel;
let governor: Governor;
let random: Random;
let tick: number;
let sampled: Set<string>;
let answers: { first: number; identifier: number }[][];

beforeEach(() => {
  kernel = new DrivenKernel(ASKED, { flows: ENTRIES, timestamps: ENTRIES, events: 16 << 20 });
  governor = new Governor(ASKED, { flows: ENTRIES, timestamps: ENTRIES });
  random = newRandom();
  tick = 0;
  sampled = new Set();
  answers = [];
});
afterEach(() => kernel.close());

/**
 * Seconds of traffic: in each tick `blocks` of 50 flows, anywhere among the first `flows`,
 * send data, which is answered a few ticks later; sweeps and the governor as in a run.
 */
async function run(seconds: number, flows: number, blocks: number): Promise<GovernorStep[]> {
  const steps: GovernorStep[] = [];
  for (let end = tick + seconds * TICKS_PER_SWEEP; tick < end; tick++) {
    kernel.at(BigInt(tick) * TICK);
    for (const { first, identifier } of answers.shift() ?? []) {
      kernel.drive({ first, count: BLOCK, what: WHAT.answer, identifier });
    }
    const asking = Array.from({ length: blocks }, () => ({
      first: random.below(flows / BLOCK) * BLOCK,
      identifier: tick + 1,
    }));
    for (const each of asking) kernel.drive({ ...each, count: BLOCK, what: WHAT.request });
    while (answers.length < RTT_TICKS - 1) answers.push([]);
    answers.push(asking);
    if (tick % TICKS_PER_SWEEP === TICKS_PER_SWEEP - 1) steps.push(...(await sweep()));
  }
  return steps;
}

async function sweep(): Promise<GovernorStep[]> {
  const swept = await kernel.sweep();
  for (const event of kernel.rtts()) sampled.add(Buffer.from(event.destAddress).toString('hex'));
  const steps = governor.observe(demandAfter(swept), kernel.now);
  for (const { settings } of steps) kernel.set(settings);
  return steps;
}

function expectAccounts(): void {
  const counters = kernel.counters();
  expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
  expect(counters).toMatchObject({ rttEventsLost: 0, flowEventsLost: 0 });
}

test('it gives way in steps, samples flows of the whole set, and recovers', async () => {
  const { seed } = random;
  const up = await run(60, FLOWS, 20);
  expect(up.length).toBeGreaterThan(0);
  expect(up[0]).toMatchObject({ step: 'up' });
  expect(governor.settings).not.toEqual(ASKED);
  expect(kernel.counters().flowMapFull).toBeGreaterThan(0);
  expectAccounts();

  sampled.clear();
  await run(60, FLOWS, 20);
  const tenths = Array(10).fill(0);
  for (const address of sampled) {
    tenths[Math.floor((Number.parseInt(address.slice(-6), 16) * 10) / FLOWS)]++;
  }
  expect({ seed, tenths: tenths.filter((flows) => flows > FLOWS / 100) }).toMatchObject({
    tenths: { length: 10 },
  });

  // The pressure ends: a few of the flows go on.
  await run(200, 100, 1);
  expect(governor.settings).toEqual(ASKED);
  expectAccounts();
  sampled.clear();
  await run(10, 100, 1);
  expect(sampled.size).toBe(100);
});

test('where the timestamps are too few, all flows are sampled less often', async () => {
  kernel.close();
  kernel = new DrivenKernel(ASKED, { flows: 2 * FLOWS, timestamps: 100, events: 16 << 20 });
  governor = new Governor(ASKED, { flows: 2 * FLOWS, timestamps: 100 });
  const steps = await run(30, 2_000, 20);
  expect(steps.some(({ map, step }) => map === 'timestamps' && step === 'up')).toBe(true);
  expect(governor.settings.rate).toBeGreaterThan(SECOND / 10n);
  expect(kernel.counters().timestampMapFull).toBeGreaterThan(0);
  sampled.clear();
  await run(30, 2_000, 20);
  expect(sampled.size).toBeGreaterThan(1_800);
  expectAccounts();
  await run(120, 100, 0);
  expect(governor.settings).toEqual(ASKED);
});
