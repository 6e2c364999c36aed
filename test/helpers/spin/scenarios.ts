/** Connections of all sorts, drawn at random: what they send, where they are watched, what their paths do. */
import type { Random } from '../../../lab/random.js';
import { chance, pick, scaled } from '../pair/draw.js';
import type { Story } from './connection.js';
import type { Role } from './endpoint.js';
import type { Requests, Stream } from './host.js';
import type { Delays, Faults } from './path.js';

const MS = 1e6;
const ROLES: readonly Role[] = ['client', 'server'];
/** About so many packets at most, by the densest stream. */
const MOST_PACKETS = 12_000;
const { floor, max, min } = Math;

type Talk = Pick<Story, 'streams' | 'requests'>;

export interface Scenario {
  readonly story: Story;
  /** What there is of it, to sort by. */
  readonly kinds: readonly string[];
}

/** The same seed gives the same. */
export function drawScenario(random: Random): Scenario {
  const delays = drawDelays(random);
  const whole = fullOf(delays);
  const [talkKind, talk] = drawTalk(random, whole);
  const [faultKinds, faults] = drawFaults(random, whole);
  const gap = min(...(talk.streams ?? []).map((stream) => stream.gap), MS);
  const duration = max(min(60 * whole, MOST_PACKETS * gap, 6000 * MS), 300 * MS);
  const stops = chance(random, 0.1) ? [drawStop(random, duration)] : [];
  const renewals = chance(random, 0.05) ? [drawRenewal(random, duration)] : [];
  const kinds = [
    talkKind,
    ...faultKinds,
    ...(stops.length > 0 ? ['an end stops'] : []),
    ...(renewals.length > 0 ? ['another id'] : []),
  ];
  return { story: { delays, faults, duration, stops, renewals, ...talk }, kinds };
}

function drawDelays(random: Random): Delays {
  const near = scaled(random, 0.05 * MS, 30 * MS);
  const far = scaled(random, 0.05 * MS, 30 * MS);
  const skew = pick(random, 0, 0, 0.5);
  return {
    ...{ clientToWatcher: near, watcherToServer: far },
    ...{ serverToWatcher: floor(far * (1 + skew)), watcherToClient: floor(near * (1 + skew)) },
  };
}

function fullOf({ clientToWatcher, watcherToServer, serverToWatcher, watcherToClient }: Delays) {
  return clientToWatcher + watcherToServer + serverToWatcher + watcherToClient;
}

function drawTalk(random: Random, whole: number): readonly [string, Talk] {
  const dense = () => max(0.05 * MS, floor(whole / scaled(random, 10, 200)));
  const sparse = () => floor(whole / (scaled(random, 50, 900) / 100));
  const gap = chance(random, 0.5) ? dense : sparse;
  const one = pick(random, ...ROLES);
  const both = (): Stream[] => ROLES.map((from) => ({ from, gap: gap() }));
  const pauses = { on: scaled(random, whole, 5 * whole), off: scaled(random, whole, 5 * whole) };
  return pick<() => readonly [string, Talk]>(
    random,
    () => ['dense, one way', { streams: [{ from: one, gap: dense() }] }],
    () => ['sparse, one way', { streams: [{ from: one, gap: sparse() }] }],
    () => ['both ways', { streams: both() }],
    () => ['pauses, one way', { streams: [{ from: one, gap: gap(), ...pauses }] }],
    () => ['both pause', { streams: both().map((stream) => ({ ...stream, ...pauses })) }],
    () => ['requests', { requests: drawRequests(random, whole) }],
  )();
}

function drawRequests(random: Random, whole: number): Requests {
  return {
    interval: scaled(random, max(0.3 * MS, whole / 4), 3 * whole),
    think: pick(random, 0, 0, floor(whole / 3)),
    packets: pick(random, 1, 1, 3, 20),
  };
}

function drawFaults(random: Random, whole: number): readonly [readonly string[], Faults] {
  const loss = pick(random, 0, 0.01, 0.05);
  const reordering = pick(random, 0, 0.01, 0.02, 0.05, 0.1);
  const duplicates = pick(random, 0, 0, 0.02);
  const detour = max(1000, floor(whole * pick(random, 0.05, 0.2, 0.6, 1.5, 3)));
  const swing = pick(random, 0, 0, 0, floor(whole / 3));
  const period = max(4 * swing, floor(whole * pick(random, 8, 30)));
  const changes = pick(random, 0, 0, 0, 1) === 1 ? drawChanges(random, whole) : [];
  const kinds = [
    ...(loss > 0 ? ['loss'] : []),
    ...(reordering > 0 ? [`${100 * reordering} % reordered`] : []),
    ...(duplicates > 0 ? ['duplicates'] : []),
    ...(reordering + duplicates > 0 ? [detour > whole ? 'long detours' : 'short detours'] : []),
    ...(swing > 0 ? ['swing'] : []),
    ...(changes.length > 0 ? ['path changes'] : []),
  ];
  return [
    kinds.length > 0 ? kinds : ['no faults'],
    { loss, reordering, duplicates, detour, swing, period, changes },
  ];
}

/** Longer by up to the whole path on each stretch, and back. */
function drawChanges(random: Random, whole: number): NonNullable<Faults['changes']> {
  const by = scaled(random, whole / 40, whole / 2);
  const at = floor(whole * (10 + random.below(30)));
  return [
    { at, by },
    { at: at + floor(whole * (5 + random.below(20))), by: -by },
  ];
}

function drawStop(random: Random, duration: number) {
  const policy = pick(random, 'zero', 'one', 'randomPacket', 'randomConnection' as const);
  return { end: pick(random, ...ROLES), at: floor(duration * 0.6), policy } as const;
}

function drawRenewal(random: Random, duration: number) {
  return { end: pick(random, ...ROLES), at: floor(duration * 0.6) };
}
