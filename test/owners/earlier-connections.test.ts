/** When sockets are walked over for flows that were met in mid-stream, and for how long. */
import { describe, expect, test } from '@jest/globals';
import type { UnownedFlow, Verdict } from '../../src/attribution/unowned-flow.js';
import { EarlierConnections } from '../../src/owners/earlier-connections.js';
import { WalkTime } from '../../src/owners/walk-time.js';
import { ManualClock, settled } from '../helpers/owners/manual-clock.js';
import { atRest, flow, type Socket, walked } from '../helpers/owners/open-connections.js';

const BEGINNING = 1_000;
/** From the wish to the walk. */
const SOON = 25;

const unowned = (id: number): UnownedFlow =>
  flow(id, [
    { nextSeq: id * 1_000, ack: id * 7_000 },
    { nextSeq: id * 7_000, ack: id * 1_000 },
  ]);
const socketOf = (id: number): Socket => ({
  cookie: BigInt(id),
  ...atRest(id * 1_000, id * 7_000),
});

/** A machine with flows, of which some have a socket; a walk takes `took` ms. */
function machine({
  took = 0,
  isByClock = false,
  canWalk = true,
  wanted = undefined as bigint | undefined,
} = {}) {
  const clock = new ManualClock();
  const flows = new Map<number, UnownedFlow>();
  const sockets = new Map<number, Socket>();
  const walks: number[] = [];
  const verdicts: [number, number, Verdict['is']][] = [];
  const failures: unknown[] = [];
  const state = { fault: undefined as Error | undefined, lists: 0 };
  const earlier = new EarlierConnections({
    clock,
    isByClock,
    time: new WalkTime(),
    async list() {
      state.lists++;
      return [...flows.values()];
    },
    async decide(decided) {
      for (const verdict of decided) {
        verdicts.push([clock.now() - BEGINNING, verdict.flow.id, verdict.is]);
        flows.delete(verdict.flow.id);
      }
    },
    walker: () =>
      canWalk
        ? {
            async connections() {
              walks.push(clock.now() - BEGINNING);
              if (took > 0) await new Promise<void>((resolve) => clock.after(took, resolve));
              if (state.fault) throw state.fault;
              return walked(...sockets.values());
            },
          }
        : undefined,
    failed: (error) => failures.push(error),
    isWanted: wanted === undefined ? undefined : ({ cookie }) => cookie === wanted,
  });
  const meet = (id: number, hasSocket: boolean) => {
    flows.set(id, unowned(id));
    if (hasSocket) sockets.set(id, socketOf(id));
    earlier.want();
  };
  return { clock, flows, sockets, walks, verdicts, failures, state, earlier, meet };
}

test('what comes together is found by one walk, and no other follows', async () => {
  const { clock, walks, verdicts, meet, earlier } = machine();
  expect(earlier.isSoon).toBe(false);
  meet(1, true);
  expect(earlier.isSoon).toBe(true);
  await clock.pass(SOON - 1);
  meet(2, true);
  expect(walks).toEqual([]);
  await clock.pass(60_000);
  expect(walks).toEqual([SOON]);
  // When what was on its way has passed.
  expect(verdicts).toEqual([
    [SOON + 20, 1, 'owned'],
    [SOON + 20, 2, 'owned'],
  ]);
  expect(clock.timers).toBe(0);
});

test('nothing is walked over for what has got its owner, or has gone', async () => {
  const { clock, flows, walks, meet, state } = machine();
  meet(1, true);
  flows.clear();
  await clock.pass(60_000);
  expect({ walks, lists: state.lists }).toEqual({ walks: [], lists: 1 });
});

test('what has no socket is looked for four times, ever more seldom, and then given up', async () => {
  const { clock, walks, verdicts, meet } = machine();
  meet(1, false);
  await clock.pass(60_000);
  expect(walks).toHaveLength(4);
  const pauses = walks.slice(1).map((at, nth) => at - (walks[nth] ?? 0));
  expect(pauses).toEqual([1_020, 4_020, 16_020]);
  expect(verdicts).toEqual([[(walks[3] ?? 0) + 20, 1, 'givenUp']]);
  expect(clock.timers).toBe(0);
});

describe('with a filter, where the one end that is found is not asked for', () => {
  /** The server's end of the first. */
  const accepted: Socket = { cookie: 100n, ...atRest(7_000, 1_000) };

  test('the other is waited for: its process may not have taken the connection yet', async () => {
    const { clock, sockets, verdicts, meet } = machine({ wanted: 100n });
    meet(1, true);
    await clock.pass(3_000);
    expect(verdicts).toEqual([]);
    sockets.set(100, accepted);
    await clock.pass(60_000);
    expect(verdicts.map(([, id, is]) => [id, is])).toEqual([[1, 'owned']]);
  });

  test('it is left out after the last search', async () => {
    const { clock, walks, verdicts, meet } = machine({ wanted: 100n });
    meet(1, true);
    await clock.pass(60_000);
    expect(walks).toHaveLength(4);
    expect(verdicts).toEqual([[(walks[3] ?? 0) + 20, 1, 'refused']]);
    expect(clock.timers).toBe(0);
  });

  test('it is left out at once where neither end is asked for', async () => {
    const { clock, sockets, walks, verdicts, meet } = machine({ wanted: 200n });
    sockets.set(100, accepted);
    meet(1, true);
    await clock.pass(60_000);
    expect(walks).toHaveLength(1);
    expect(verdicts.map(([, id, is]) => [id, is])).toEqual([[1, 'refused']]);
  });

  test('where there are many it is left out at once: the list has no room for all', async () => {
    const { clock, walks, verdicts, meet } = machine({ wanted: 100_000n });
    for (let id = 1; id <= 1_025; id++) meet(id, true);
    await clock.pass(60_000);
    expect(walks).toHaveLength(1);
    expect(new Set(verdicts.map(([, , is]) => is))).toEqual(new Set(['refused']));
    expect(verdicts).toHaveLength(1_025);
  });

  test('others are looked for meanwhile as soon as without it', async () => {
    const { clock, sockets, verdicts, meet } = machine({ wanted: 2n });
    for (const id of [1, 3, 4]) {
      meet(id, true);
      await clock.pass(300);
    }
    meet(2, true);
    expect(sockets.size).toBe(4);
    await clock.pass(250 + SOON + 20);
    expect(verdicts.map(([, id, is]) => [id, is])).toEqual([[2, 'owned']]);
  });
});

test('one that comes meanwhile is not waited with', async () => {
  const { clock, walks, verdicts, meet } = machine();
  meet(1, false);
  await clock.pass(600);
  meet(2, true);
  await clock.pass(SOON + 20);
  expect(walks).toHaveLength(2);
  expect(verdicts).toEqual([[600 + SOON + 20, 2, 'owned']]);
});

test('one that comes during a search has one of its own', async () => {
  const { clock, walks, verdicts, meet } = machine({ took: 10 });
  meet(1, true);
  await clock.pass(SOON + 5);
  meet(2, true);
  await clock.pass(1_000);
  expect(walks).toEqual([SOON, SOON + 250]);
  expect(verdicts.map(([, id, is]) => [id, is])).toEqual([
    [1, 'owned'],
    [2, 'owned'],
  ]);
});

test('searches in vain become seldom, and frequent again when one is of use', async () => {
  const { clock, walks, verdicts, meet } = machine();
  for (let id = 1; id <= 300; id++) {
    meet(id, false);
    await clock.pass(100);
  }
  const pauses = walks.slice(1).map((at, nth) => at - (walks[nth] ?? 0));
  expect(pauses.slice(0, 5)).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  meet(1_000, true);
  await clock.pass(16_000 + SOON + 20);
  expect(verdicts.filter(([, , is]) => is === 'owned').map(([, id]) => id)).toEqual([1_000]);
  const before = walks.length;
  for (let id = 2_000; id < 2_010; id++) {
    meet(id, true);
    await clock.pass(250);
  }
  expect(walks.length - before).toBeGreaterThanOrEqual(9);
});

test('walks that take long are as seldom as 5 % of the time allow', async () => {
  const { clock, walks, meet } = machine({ took: 400 });
  for (let id = 1; id <= 600; id++) {
    meet(id, true);
    await clock.pass(100);
  }
  expect(walks.length).toBeLessThanOrEqual((60_000 * 0.05) / 400 + 3);
  expect(walks.length).toBeGreaterThan(5);
});

describe('by the clock', () => {
  test('it is looked once a second whether there are any, and walked only where there are', async () => {
    const { clock, flows, sockets, walks, verdicts, state, earlier } = machine({ isByClock: true });
    await clock.pass(10_000);
    expect(walks).toEqual([]);
    expect(state.lists).toBe(10);
    flows.set(1, unowned(1));
    sockets.set(1, socketOf(1));
    await clock.pass(1_100);
    expect(verdicts.map(([, id, is]) => [id, is])).toEqual([[1, 'owned']]);
    await earlier.close();
    expect(clock.timers).toBe(0);
  });
});

test('a search that fails is told, and is the last', async () => {
  const { clock, walks, failures, state, meet } = machine();
  state.fault = new Error('no walk');
  meet(1, true);
  await clock.pass(1_000);
  meet(2, true);
  await clock.pass(60_000);
  expect(walks).toHaveLength(1);
  expect(failures).toEqual([state.fault]);
  expect(clock.timers).toBe(0);
});

test('where nothing can walk there is no other try, and nothing is told twice', async () => {
  const { clock, verdicts, failures, state, meet } = machine({ canWalk: false });
  meet(1, true);
  await clock.pass(1_000);
  meet(2, true);
  await clock.pass(60_000);
  expect({ verdicts, failures, lists: state.lists }).toEqual({
    verdicts: [],
    failures: [],
    lists: 1,
  });
});

test('closing waits for the search under way, and none follows', async () => {
  const { clock, walks, meet, earlier } = machine({ took: 100 });
  meet(1, false);
  await clock.pass(SOON);
  let isClosed = false;
  const closed = earlier.close().then(() => {
    isClosed = true;
  });
  await settled();
  expect(isClosed).toBe(false);
  await clock.pass(200);
  await closed;
  meet(2, true);
  await clock.pass(60_000);
  expect(walks).toHaveLength(1);
  await earlier.close();
});
