/** QUIC's spin bit, told by the core, against what the path takes at least (test/helpers/spin/). */
import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { type Story, watchConnection } from '../helpers/spin/connection.js';
import type { Delays, Faults } from '../helpers/spin/path.js';
import { replayedCore } from '../helpers/spin/replayed.js';
import { drawScenario } from '../helpers/spin/scenarios.js';
import { type ToldRtt, toldOf } from '../helpers/spin/told.js';

const MS = 1e6;
/** One way, in ms: client to watcher, and watcher to server; as long back. */
function delays(near: number, far: number): Delays {
  return {
    ...{ clientToWatcher: near * MS, watcherToServer: far * MS },
    ...{ serverToWatcher: far * MS, watcherToClient: near * MS },
  };
}
const POSITIONS = {
  'in the middle': delays(3, 11),
  'at the client': delays(0.05, 14),
  'at the server': delays(14, 0.05),
  'of a short path': delays(1, 1),
} as const;
const DOWN = { from: 'server', gap: 0.1 * MS } as const;
const UP = { from: 'client', gap: 0.1 * MS } as const;
const STORIES: readonly (readonly [string, Partial<Story>])[] = [
  ['data both ways', { streams: [DOWN, UP] }],
  ['a download', { streams: [DOWN] }],
  ['an upload', { streams: [UP] }],
  ['a download with gaps', { streams: [{ ...DOWN, on: 70 * MS, off: 130 * MS }] }],
  ['requests', { requests: { interval: 40 * MS, think: 5 * MS, packets: 20 } }],
  ['short requests', { requests: { interval: 15 * MS } }],
  [
    'a call',
    {
      streams: [
        { ...DOWN, gap: 5 * MS },
        { ...UP, gap: 5.3 * MS },
      ],
    },
  ],
];
const FAULTS: readonly (readonly [string, Faults])[] = [
  ['nothing lost', {}],
  ['5 % of each', { loss: 0.05, reordering: 0.05, detour: 5 * MS }],
];
const SEEDS = (process.env.PPING_TEST_SEQUENCES ? [1, 2, 3, 4, 5, 6] : [1]) as readonly number[];
const DURATION = (process.env.PPING_TEST_SEQUENCES ? 4000 : 1000) * MS;

const SCENARIOS = process.env.PPING_TEST_SEQUENCES ? 2000 : 300;

async function told(story: Partial<Story>, position: Delays, isGreased = false) {
  const connections = SEEDS.map((seed) =>
    watchConnection({ delays: position, duration: DURATION, ...story }, new Random(seed)),
  );
  const all = [];
  for (const watched of connections) all.push(await toldOf(replayedCore(), watched, isGreased));
  return all;
}

describe.each(FAULTS)('%s', (name, faults) => {
  test('no RTT is below the path', async () => {
    const rtts: ToldRtt[] = [];
    const verdicts: Record<string, number> = {};
    for (const [, story] of STORIES) {
      for (const position of Object.values(POSITIONS)) {
        for (const { rtts: each, verdict = '' } of await told({ ...story, faults }, position)) {
          rtts.push(...each);
          verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
        }
      }
    }
    const below = rtts.filter(({ rtt, least }) => rtt < least);
    const above = (share: number) => rtts.filter(({ rtt, least }) => rtt > share * least + MS);
    const part = (of: readonly ToldRtt[]) => `${((100 * of.length) / rtts.length).toFixed(2)} %`;
    const figures = `above by 1 ms: ${part(above(1))}, and twice that: ${part(above(2))}`;
    console.log(`${name}: ${rtts.length} RTTs, below: ${below.length}, ${figures}`, verdicts);
    expect(rtts.length).toBeGreaterThan(1000);
    expect(below).toEqual([]);
    expect(rtts.filter(({ asked }) => asked.length === 0).length).toBeLessThanOrEqual(
      faults.reordering ? rtts.length : 0,
    );
    expect(verdicts.random ?? 0).toBeLessThanOrEqual(faults.reordering ? 2 * SEEDS.length : 0);
  }, 600_000);
});

/** Of connections of all sorts. What is left, of far more connections: docs/accuracy.md. */
test('no RTT is below the path, whatever it does', async () => {
  const few = [];
  let count = 0;
  for (let seed = 1; seed <= SCENARIOS; seed++) {
    const { story } = drawScenario(new Random(seed));
    const watched = watchConnection(story, new Random(seed + 1_000_000));
    const { rtts } = await toldOf(replayedCore(), watched);
    count += rtts.length;
    for (const { half, rtt, least } of rtts) {
      if (rtt < least) few.push({ seed, half, share: rtt / least });
    }
  }
  console.log(`${SCENARIOS} connections, ${count} RTTs, below the path:`, few);
  expect(count).toBeGreaterThan(50 * SCENARIOS);
  expect(few.length).toBeLessThanOrEqual(count / 100_000);
}, 600_000);

/** As quinn does by default: the others alone, whose number is half, would tell RTTs that are too short. */
test('where the fixed bit is left out of every second packet, no RTT is below the path', async () => {
  const rtts: ToldRtt[] = [];
  for (const [, story] of STORIES) {
    for (const { rtts: each } of await told(story, POSITIONS['at the client'], true)) {
      rtts.push(...each);
    }
  }
  expect(rtts.length).toBeGreaterThan(200);
  expect(rtts.filter(({ rtt, least }) => rtt < least)).toEqual([]);
}, 600_000);

const RANDOM = [
  ['client', { client: 'randomPacket' }],
  ['server', { server: 'randomPacket' }],
  ['both ends', { client: 'randomPacket', server: 'randomPacket' }],
] as const;

describe.each(RANDOM)('random values of the %s', (_, policies) => {
  test.each(STORIES)('%s: no RTT', async (_name, story) => {
    for (const position of Object.values(POSITIONS)) {
      for (const { rtts, verdict } of await told({ ...story, ...policies }, position)) {
        expect({ rtts, verdict }).toEqual({
          rtts: [],
          verdict: expect.stringMatching(/random|none/),
        });
      }
    }
  });
});
