/**
 * What sampling makes of an RTT's distribution: each way of sending through a queue, sampled at each rate by the TSvals
 * that Linux has, against each segment. docs/sampling.md shows the table.
 */
import { describe, expect, test } from '@jest/globals';
import { type Measured, measure, truthOf } from '../helpers/bias/bottleneck.js';
import { PAGES, PATTERNS } from '../helpers/bias/patterns.js';

const SECONDS = 60;
const MILLISECOND = 1_000_000;
const RATES = [10, 100, 1_000];

describe.each(PATTERNS)('$name', (pattern) => {
  test.each(RATES)('sampled every %d ms', async (ms) => {
    const seconds = ms < 1_000 ? SECONDS : 5 * SECONDS;
    const truth = truthOf(pattern, seconds);
    const expected = figures(truth);
    const sampled = await measure(pattern, seconds, rateOf(ms));
    const found = figures(sampled);
    // In the map an identifier waits for its echo, and of so many only one is echoed.
    const unanswered = expected.p50 > ms ? pattern.ackEvery : 1;
    console.info(
      `${pattern.name} at ${ms} ms: ${text(expected)}; sampled: ${text(found)} of ${intervalsIn(truth, ms)} intervals`,
    );
    for (const figure of ['p50', 'p90', 'queueing'] as const) {
      const off = Math.abs(found[figure] - expected[figure]);
      const told = { figure, off, most: Math.max(0.25 * expected[figure], 0.5) };
      expect({ ...told, isNear: off <= told.most }).toEqual({ ...told, isNear: true });
    }
    expect(sampled.rtts.length).toBeGreaterThan((0.9 * intervalsIn(truth, ms)) / unanswered);
  });
});

/** Windows say little of the next here. Not only the heads are taken, but too many of them. */
test('pages of all sizes look better than they are', async () => {
  const truth = figures(truthOf(PAGES, SECONDS));
  const found = figures(await measure(PAGES, SECONDS, rateOf(100)));
  console.info(`${PAGES.name} at 100 ms: ${text(truth)}; sampled: ${text(found)}`);
  expect(found.p90).toBeGreaterThan(2 * 20);
  expect(found.p90).toBeLessThan(truth.p90);
});

function rateOf(ms: number) {
  return { rate: BigInt(ms) * 1_000_000n, tick: MILLISECOND };
}

function figures({ rtts }: Measured) {
  const at = (share: number) => (rtts[Math.floor(rtts.length * share)] ?? 0) / MILLISECOND;
  return { samples: rtts.length, p50: at(0.5), p90: at(0.9), queueing: at(0.5) - at(0) };
}

/** So many samples there are if each interval begins with the first segment after the last one is over. */
function intervalsIn({ sent }: Measured, ms: number): number {
  let [intervals, open] = [0, Number.NEGATIVE_INFINITY];
  for (const time of sent) {
    if (time - open < ms * MILLISECOND) continue;
    open = time;
    intervals++;
  }
  return intervals;
}

function text({ samples, p50, p90, queueing }: ReturnType<typeof figures>): string {
  return `${samples} RTTs, p50 ${p50.toFixed(1)}, p90 ${p90.toFixed(1)}, queueing ${queueing.toFixed(1)} ms`;
}
