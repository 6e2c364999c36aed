/** Whether connections of QUIC spin, and which of their packets can tell an RTT: over many connections, on the replay's core. */
import { describe, expect, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { Random } from '../../lab/random.js';
import {
  connectionsIn,
  endedIn,
  NO_CONNECTIONS,
  numberOf,
} from '../../src/core/quic-connections.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { Replica } from '../helpers/core/replica.js';
import { type Passage, type Story, watchConnection } from '../helpers/spin/connection.js';
import { frameOf } from '../helpers/spin/frames.js';
import type { Delays } from '../helpers/spin/path.js';

const MS = 1e6;
const HOOKS = { client: 'egress', server: 'ingress' } as const;
const ENDS = { client: { ...CLIENT, port: 50_000 }, server: { ...SERVER, port: 443 } };
const START = 1_000_000_000_000n;
const LATE = 1_000_000_000_000n;
const DELAYS: Delays = {
  ...{ clientToWatcher: 3 * MS, watcherToServer: 11 * MS },
  ...{ serverToWatcher: 11 * MS, watcherToClient: 3 * MS },
};
const DOWN = { from: 'server', gap: 0.1 * MS } as const;
/** Each with how long it takes, in s. */
const STORIES: readonly (readonly [string, number, Partial<Story>])[] = [
  ['a download', 1, { streams: [DOWN] }],
  ['requests', 10, { requests: { interval: 40 * MS, think: 5 * MS, packets: 20 } }],
  [
    'a call',
    10,
    {
      streams: [
        { ...DOWN, gap: 5 * MS },
        { from: 'client', gap: 5.3 * MS },
      ],
    },
  ],
];

function watch(story: Partial<Story>): readonly Passage[] {
  return watchConnection({ delays: DELAYS, duration: 1000 * MS, ...story }, new Random(1)).passages;
}

function newCore(): Replica {
  const settings = { ...DEFAULT_SETTINGS, rate: 0n, includeLocal: true };
  const core = new Replica(settings, 'ethernet', DEFAULT_CAPACITY);
  core.core.filter({ ...NO_FILTER, protocols: ['quic'] });
  return core;
}

/** @returns when the last one passed */
function show(core: Replica, passages: readonly Passage[], start = START): bigint {
  for (const passage of passages) {
    core.show(HOOKS[passage.from], frameOf(passage, ENDS), start + BigInt(passage.time));
  }
  return start + BigInt(passages.at(-1)?.time ?? 0);
}

function shortIn(passages: readonly Passage[]): number {
  return passages.filter(({ packet }) => typeof packet !== 'string').length;
}

describe.each(STORIES)('%s', (name, seconds, story) => {
  test('that spins: what passes before the proof can tell no RTT', async () => {
    const passages = watch({ ...story, duration: seconds * 1000 * MS });
    const core = newCore();
    const last = show(core, passages);
    const { spinBit, noSpin } = core.counters();
    expect(spinBit + noSpin).toBe(shortIn(passages));
    expect(noSpin).toBeGreaterThan(0);
    expect(spinBit).toBeGreaterThan(noSpin);
    const { quic } = await core.sweep(last, false);
    expect(connectionsIn(core.counters(), quic)).toEqual({ ...NO_CONNECTIONS, valid: 1 });
    await core.sweep(last + LATE, false);
    expect(endedIn(core.counters())).toEqual({ ...NO_CONNECTIONS, valid: 1 });
    const share = `${((100 * noSpin) / (spinBit + noSpin)).toFixed(1)} %`;
    console.log(`${name}, ${seconds} s: ${share} of ${spinBit + noSpin} packets before the proof`);
  });

  test.each([
    ['random', { client: 'randomPacket' }],
    ['constant', { client: 'zero', server: 'zero' }],
    ['constant', { client: 'one', server: 'one' }],
  ] as const)('that is %s: %j: no packet can tell an RTT', async (verdict, policies) => {
    const passages = watch({ ...story, ...policies, duration: 3000 * MS });
    const core = newCore();
    const last = show(core, passages);
    const { spinBit, noSpin, spinMatched } = core.counters();
    expect({ spinBit, noSpin, spinMatched }).toEqual({
      ...{ spinBit: 0, noSpin: shortIn(passages), spinMatched: 0 },
    });
    expect((await core.sweep(last, false)).quic).toEqual({ ...NO_CONNECTIONS, [verdict]: 1 });
  });
});

test('what is forgotten, as where the clock goes back, is over', async () => {
  const core = newCore();
  const last = show(core, watch({ streams: [DOWN] }));
  core.core.forget();
  expect(endedIn(core.counters())).toEqual({ ...NO_CONNECTIONS, valid: 1 });
  const swept = await core.sweep(last, true);
  expect(numberOf(connectionsIn(core.counters(), swept.quic))).toBe(1);
});
