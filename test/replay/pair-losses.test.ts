/** Random TCP pairs that know what they have sent again: what the core takes for that, and what for overtaken. */
import { expect, test } from '@jest/globals';
import { LossWatch } from '../helpers/pair/loss-watch.js';
import type { Wishes } from '../helpers/pair/traits.js';
import { tryOut } from '../helpers/pair/trial.js';

const RTTS = 5_000;
const SEED = Number(process.env.PPING_TEST_SEED ?? 1);

async function judged(wishes: Wishes) {
  const watch = new LossWatch();
  await tryOut({ seed: SEED, rtts: RTTS, watch, wishes });
  console.log(`seed ${SEED}: ${JSON.stringify(watch.said)}`);
  return watch.said;
}

test.each([
  ['with timestamps', {}],
  ['without', { timestamps: false }],
])(
  '%s, what counts as sent again was, and what counts as overtaken was',
  async (_, wishes) => {
    const { again, fresh, doubled } = await judged(wishes);
    // What the network has doubled looks like it.
    const retransmitted = again.retransmitted + doubled.retransmitted + fresh.retransmitted;
    expect(fresh.retransmitted).toBeLessThan(retransmitted / 100);
    expect(again.reordered).toBeLessThan((again.reordered + fresh.reordered) / 8);
    // Of what was overtaken.
    expect(fresh.reordered).toBeGreaterThan(5 * fresh.retransmitted);
    // The others are probes, fill a gap that nothing shows, or come after the end.
    expect(again.retransmitted).toBeGreaterThan(4 * again.neither);
  },
  300_000,
);

test('where nothing is lost or overtaken, nothing counts', async () => {
  const { fresh } = await judged({ isPerfect: true });
  expect(fresh).toMatchObject({ retransmitted: 0, reordered: 0 });
  expect(fresh.neither).toBeGreaterThan(RTTS);
}, 300_000);
