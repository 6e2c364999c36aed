/**
 * Random TCP pairs that know the truth (test/helpers/pair/): each RTT that the core tells is compared with what
 * happened. make fuzz has a million of them.
 */
import { expect, test } from '@jest/globals';
import { newRandom, Random } from '../../lab/random.js';
import type { Settings } from '../../src/sampling/policy.js';
import { chance, pick } from '../helpers/pair/draw.js';
import { Observer } from '../helpers/pair/observer.js';
import { MICROSECOND, MILLISECOND } from '../helpers/pair/traits.js';
import { tryOut } from '../helpers/pair/trial.js';
import { HAPPENINGS } from '../helpers/pair/variety.js';
import { Watch } from '../helpers/pair/watch.js';

const RTTS = Number(process.env.PPING_TEST_RTTS ?? 20_000);
const FEWER = Math.min(RTTS, 5_000);
const FEW = Math.min(RTTS, 1_000);
/** Always the same, unless told otherwise. */
const SEED = process.env.PPING_TEST_RTTS ? newRandom().seed : 1;

test(`${RTTS} RTTs of random TCP pairs are true`, async () => {
  const counts = await tryOut({ seed: SEED, rtts: RTTS });
  console.log(counts.text);
  counts.check();
  const { ackLoss, ackLossThenSentAgain, beforeCapture } = counts.verdicts;
  expect(ackLoss + ackLossThenSentAgain).toBeLessThan(counts.rtts / 20);
  expect(beforeCapture).toBeLessThanOrEqual(1 + counts.rtts / 10_000);
  counts.checkCoverage(88);
}, 3_600_000);

test(`${RTTS} RTTs by sequence number are true`, async () => {
  const counts = await tryOut({ seed: SEED, rtts: RTTS, wishes: { timestamps: false } });
  console.log(counts.text);
  // Timestamps would tell segments of an earlier connection from those of this.
  counts.check(200_000);
}, 3_600_000);

test.each([true, false])(
  'they are true of idle connections with keep-alives, timestamps: %s',
  async (timestamps) => {
    const wishes = { keepAlives: true, timestamps };
    const counts = await tryOut({ seed: SEED, rtts: RTTS, wishes });
    console.log(counts.text);
    counts.check(timestamps ? undefined : 200_000);
    expect(counts.wrongKeepAlives).toEqual([]);
    expect(counts.keepAlives).toBeGreaterThanOrEqual(Math.floor(RTTS / 1000));
  },
  3_600_000,
);

test('they are true at other rates, and where nothing has room', async () => {
  const watch = new Watch({ flows: 6, timestamps: 10 });
  const begin = (seed: number) => watch.set(randomSettings(new Random(seed)));
  const counts = await tryOut({ seed: SEED, rtts: FEWER, watch, begin });
  counts.check();
  counts.checkCoverage(5);
}, 600_000);

function randomSettings(random: Random): Partial<Settings> {
  return {
    rate: pick(random, 0n, 1_000_000n, 100_000_000n),
    burst: pick(random, undefined, { count: 3, duration: 1_000_000n }),
    timestampTimeout: pick(random, 100_000_000n, 1_000_000_000n, 10_000_000_000n),
    flowTimeout: pick(random, 1_000_000_000n, 300_000_000_000n),
    handshake: chance(random, 0.7),
    spread: chance(random, 0.3),
  };
}

test('where nothing is lost or overtaken, each RTT is exact, and nearly all are there', async () => {
  const counts = await tryOut({ seed: SEED, rtts: FEWER, wishes: { isPerfect: true } });
  counts.check();
  expect(counts.verdicts.exact).toBe(counts.rtts);
  counts.checkCoverage(80);
}, 600_000);

test('two vantage points in one capture are kept apart', async () => {
  const counts = await tryOut({ seed: SEED, rtts: FEWER, wishes: { places: 2 } });
  counts.check();
  counts.checkCoverage(80);
}, 600_000);

const LOSSES = [0.005, 0.02, 0.1];
const TICKS = [1, 10, 100].map((ms) => ms * MILLISECOND);
const DELAYS = [50 * MICROSECOND, 10 * MILLISECOND];

test.each(LOSSES)(
  'at a loss of %d no RTT waits for data sent again, near or far',
  async (loss) => {
    for (const tick of TICKS) {
      for (const delay of DELAYS) {
        const counts = await tryOut({ seed: SEED, rtts: FEW, wishes: { loss, tick, delay } });
        counts.check();
        expect(counts.verdicts.exact).toBeGreaterThan(counts.rtts * 0.8);
      }
    }
  },
  600_000,
);

// The pairs themselves: what they say is TCP, and to tell what is true of it is possible.

test('an observer that forgets nothing is right, and has nearly all there is', async () => {
  const counts = await tryOut({ seed: SEED, rtts: FEWER, watch: new Observer() });
  counts.check();
  counts.checkCoverage(80);
}, 600_000);

test('so it is at two vantage points', async () => {
  const wishes = { places: 2 } as const;
  const counts = await tryOut({ seed: SEED, rtts: FEWER, wishes, watch: new Observer() });
  counts.check();
  counts.checkCoverage(80);
}, 600_000);

test('where nothing is lost, an observer is exact', async () => {
  const wishes = { isPerfect: true };
  const counts = await tryOut({ seed: SEED, rtts: FEWER, wishes, watch: new Observer() });
  counts.check();
  expect(counts.verdicts.exact).toBe(counts.rtts);
}, 600_000);

test('nothing that the pairs are for is missing', async () => {
  const { variety } = await tryOut({ seed: 1, rtts: 20_000, watch: new Observer() });
  expect(HAPPENINGS.filter((happening) => variety[happening] < 3)).toEqual([]);
}, 600_000);
