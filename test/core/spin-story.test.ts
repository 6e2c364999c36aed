/** The connections by which the spin bit is judged: what a watcher sees of them, and what is true. */
import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { type Story, type Watched, watchConnection } from '../helpers/spin/connection.js';
import { type Role, SpinEndpoint } from '../helpers/spin/endpoint.js';
import { waveRtts } from '../helpers/spin/waves.js';

const MS = 1e6;
const DELAYS = {
  clientToWatcher: 2 * MS,
  watcherToServer: 11 * MS,
  serverToWatcher: 13 * MS,
  watcherToClient: 3 * MS,
};
const HALVES = { server: 24 * MS, client: 5 * MS };
const FULL = 29 * MS;
const BULK = [
  { from: 'server', gap: 0.1 * MS },
  { from: 'client', gap: 0.1 * MS },
] as const;
const ROLES: readonly Role[] = ['client', 'server'];

function watch(story: Partial<Story>, seed = 1): Watched {
  return watchConnection({ delays: DELAYS, duration: 1_500 * MS, ...story }, new Random(seed));
}

/** What one tells who takes each change of the bit for the next wave. */
function naiveRtts(
  { passages }: Watched,
  end: Role,
): { readonly from: number; readonly rtt: number }[] {
  const rtts: { from: number; rtt: number }[] = [];
  let last: number | undefined;
  let edge: number | undefined;
  for (const { time, from, packet } of passages) {
    if (from !== end || typeof packet === 'string') continue;
    if (last !== undefined && last !== packet.spin) {
      if (edge !== undefined) rtts.push({ from: edge, rtt: time - edge });
      edge = time;
    }
    last = packet.spin;
  }
  return rtts;
}

function edgesOf({ passages }: Watched, end: Role): number {
  const bits = passages.flatMap(({ from, packet }) =>
    from === end && typeof packet !== 'string' ? [packet.spin] : [],
  );
  return bits.filter((bit, at) => at > 0 && bit !== bits[at - 1]).length;
}

test('with data both ways an RTT is what the path takes, and its halves too', () => {
  const watched = watch({ streams: BULK });
  const rtts = waveRtts(watched.passages);
  const most = 0.1 * MS;
  for (const { rtt, half, full } of rtts) {
    const truth = half ? HALVES[half] : FULL;
    expect(rtt).toBeGreaterThanOrEqual(truth);
    // Each end waits for its next packet.
    expect(rtt).toBeLessThanOrEqual(truth + (full ? 2 : 1) * most);
  }
  for (const role of ROLES) {
    expect(rtts.filter(({ full }) => full === role).length).toBeGreaterThan(45);
    expect(rtts.filter(({ half }) => half === role).length).toBeGreaterThan(45);
    expect(naiveRtts(watched, role)).toHaveLength(rtts.filter(({ full }) => full === role).length);
  }
});

test('the handshake takes what the path takes', () => {
  const { passages } = watch({ requests: { interval: 50 * MS } });
  const [initial, flight, handshake] = passages;
  expect([initial?.packet, flight?.packet, handshake?.packet]).toEqual([
    ...['initial', 'serverFlight', 'handshake'],
  ]);
  expect((flight?.time ?? 0) - (initial?.time ?? 0)).toBe(HALVES.server);
  expect((handshake?.time ?? 0) - (flight?.time ?? 0)).toBe(HALVES.client);
});

const FAULTS = { loss: 0.02, reordering: 0.02, detour: 4 * MS, swing: 20 * MS, period: 300 * MS };
const STORIES: readonly (readonly [string, Partial<Story>])[] = [
  ['data both ways', { streams: BULK }],
  ['a download', { streams: [BULK[0]] }],
  ['an upload', { streams: [BULK[1]] }],
  ['a download with gaps', { streams: [{ ...BULK[0], on: 70 * MS, off: 130 * MS }] }],
  ['requests', { requests: { interval: 40 * MS, think: 5 * MS, packets: 20 } }],
];

describe.each(STORIES)('%s', (_, story) => {
  test.each([1, 2, 3])('no true RTT is below the path (seed %d)', (seed) => {
    const { passages, path } = watch({ ...story, faults: FAULTS }, seed);
    const rtts = waveRtts(passages);
    expect(rtts.length).toBeGreaterThan(20);
    const below = rtts.filter(({ time, rtt, half, full }) => {
      const at = time - rtt;
      return rtt < (half ? path.leastHalf(half, at) : path.leastFull(full ?? 'client', at));
    });
    expect(below).toEqual([]);
  });
});

test.each(STORIES.filter(([, { streams }]) => streams))(
  '%s: what is out of order deceives who believes each change of the bit',
  (_, story) => {
    const watched = watch({ ...story, faults: FAULTS, duration: 6_000 * MS });
    const below = ROLES.flatMap((role) =>
      naiveRtts(watched, role).filter(({ from, rtt }) => rtt < watched.path.leastFull(role, from)),
    );
    expect(below.length).toBeGreaterThan(0);
  },
);

test.each(['zero', 'one', 'randomConnection'] as const)('%s: no edge', (policy) => {
  const watched = watch({ streams: BULK, client: policy });
  expect(edgesOf(watched, 'client')).toBe(0);
});

test('random per packet: every second one is an edge', () => {
  const watched = watch({ streams: BULK, server: 'randomPacket' });
  const sent = watched.passages.filter(({ from }) => from === 'server').length;
  expect(edgesOf(watched, 'server') / sent).toBeCloseTo(0.5, 1);
});

test('with another connection id the value is 0 again', () => {
  const client = new SpinEndpoint('client', 'spin', new Random(1));
  const server = new SpinEndpoint('server', 'spin', new Random(1));
  client.receive(server.send(true));
  expect(client.send(true)).toMatchObject({ spin: 1, id: 0 });
  client.renewId();
  expect(client.send(true)).toMatchObject({ spin: 0, id: 1 });
});

test('the same seed, the same packets', () => {
  const story = { streams: BULK, faults: FAULTS, duration: 200 * MS };
  expect(watch(story, 7).passages).toEqual(watch(story, 7).passages);
  expect(watch(story, 7).passages).not.toEqual(watch(story, 8).passages);
});
