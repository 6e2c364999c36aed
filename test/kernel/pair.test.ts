/** Random TCP pairs that know the truth, as test/replay/pair.test.ts has them, on both targets: same RTTs, all true. */
import { test } from '@jest/globals';
import { Both } from '../helpers/pair/both.js';
import { tryOut } from '../helpers/pair/trial.js';

const RTTS = 2_000;
const SEED = Number(process.env.PPING_TEST_SEED ?? 1);

test(`${RTTS} RTTs of random TCP pairs are the same on both targets, and true`, async () => {
  const watch = new Both();
  try {
    // Segments that BPF_PROG_RUN takes.
    const counts = await tryOut({ seed: SEED, rtts: RTTS, wishes: { isSmall: true }, watch });
    counts.check();
    counts.checkCoverage(92);
  } finally {
    watch.close();
  }
}, 300_000);
