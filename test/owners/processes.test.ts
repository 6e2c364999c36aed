/** When is walked, and for which sockets. */
import { describe, expect, test } from '@jest/globals';
import type { Process } from '../../src/attribution/socket-process.js';
import { MOST_A_WALK, Processes } from '../../src/owners/processes.js';
import { ManualClock } from '../helpers/owners/manual-clock.js';

const NGINX: Process = { pid: 10, comm: 'nginx' };
const SSHD: Process = { pid: 20, comm: 'sshd' };

/** A machine whose walks take `took` ms, or until they are released. */
function machine({ took = 0, most }: { took?: number; most?: number } = {}) {
  const clock = new ManualClock();
  const open = new Map<bigint, Process>();
  const walks: { at: number; cookies: readonly bigint[] }[] = [];
  const told: bigint[][] = [];
  const failures: unknown[] = [];
  const state = { took, fault: undefined as Error | undefined, underWay: 0, mostAtOnce: 0 };
  const processes = new Processes({
    clock,
    ...(most === undefined ? {} : { most }),
    async find(cookies) {
      walks.push({ at: clock.now() - 1_000, cookies });
      state.mostAtOnce = Math.max(state.mostAtOnce, ++state.underWay);
      const { fault } = state;
      const found = new Map(
        cookies.flatMap((cookie) => {
          const process = open.get(cookie);
          return process ? [[cookie, process] as const] : [];
        }),
      );
      if (state.took > 0) await new Promise<void>((done) => void clock.after(state.took, done));
      state.underWay--;
      if (fault) throw fault;
      return found;
    },
    found: (cookies) => told.push([...cookies]),
    failed: (error) => failures.push(error),
  });
  const times = () => walks.map(({ at }) => at);
  return { clock, open, walks, told, failures, state, processes, times };
}

describe('a socket that is wanted', () => {
  test('is looked for at once, and its process told and kept', async () => {
    const { clock, open, told, processes } = machine();
    open.set(1n, NGINX);
    processes.want(1n);
    expect(processes.get(1n)).toBeUndefined();
    await clock.pass(0);
    expect(told).toEqual([[1n]]);
    expect(processes.get(1n)).toEqual(NGINX);
    expect(processes.get(2n)).toBeUndefined();
  });

  test('is not looked for again once it is known, nor is 0', async () => {
    const { clock, open, walks, processes } = machine();
    open.set(1n, NGINX);
    processes.want(1n);
    await clock.pass(0);
    processes.want(1n);
    processes.want(0n);
    await clock.pass(60_000);
    expect(walks).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test('is looked for with all that are wanted by then', async () => {
    const { clock, open, walks, told, processes } = machine();
    open.set(1n, NGINX).set(3n, SSHD);
    for (const cookie of [1n, 2n, 1n, 3n]) processes.want(cookie);
    await clock.pass(0);
    expect(walks).toEqual([{ at: 0, cookies: [1n, 2n, 3n] }]);
    expect(told).toEqual([[1n, 3n]]);
    expect(processes.get(3n)).toEqual(SSHD);
  });

  test('that no process has open is looked for again after 50 ms, 250 ms, 1 s and 4 s, then given up', async () => {
    const { clock, times, told, processes } = machine();
    processes.want(1n);
    await clock.pass(60_000);
    expect(times()).toEqual([0, 50, 300, 1_300, 5_300]);
    expect(told).toEqual([]);
    expect(processes.counts).toEqual({ walks: 5, failed: 0, unknown: 1, refused: 0 });
    processes.want(1n);
    await clock.pass(60_000);
    expect(times()).toHaveLength(5);
  });

  test('is not looked for before, where another is', async () => {
    const { clock, open, walks, processes } = machine();
    processes.want(1n);
    await clock.pass(600);
    open.set(2n, NGINX);
    processes.want(2n);
    await clock.pass(0);
    expect(walks.map(({ cookies }) => cookies)).toEqual([[1n], [1n], [1n], [2n]]);
    await clock.pass(700);
    expect(walks[4]).toEqual({ at: 1_300, cookies: [1n] });
  });

  test('may be accepted late', async () => {
    const { clock, open, told, processes } = machine();
    processes.want(1n);
    await clock.pass(1_000);
    open.set(1n, SSHD);
    await clock.pass(60_000);
    expect(told).toEqual([[1n]]);
    expect(processes.counts).toMatchObject({ walks: 4, unknown: 0 });
  });
});

describe('walks', () => {
  test('begin 50 ms apart at least', async () => {
    const { clock, open, times, processes } = machine();
    for (let cookie = 1n; cookie <= 100n; cookie++) {
      open.set(cookie, NGINX);
      processes.want(cookie);
      await clock.pass(2);
    }
    await clock.pass(60_000);
    expect(times()).toEqual([0, 50, 100, 150, 200]);
  });

  /** A socket every 100 ms, for so long. */
  async function keepComing({ clock, open, processes }: ReturnType<typeof machine>, ms: number) {
    for (let cookie = 1n; cookie <= ms / 100; cookie++) {
      open.set(cookie, NGINX);
      processes.want(cookie);
      await clock.pass(100);
    }
  }

  test('that take long are not held up, as long as what they take is below 5 % of 10 s', async () => {
    const many = machine({ took: 90 });
    await keepComing(many, 500);
    expect(many.times()).toEqual([0, 100, 200, 300, 400]);
  });

  test('take 5 % of the time while sockets keep coming', async () => {
    const many = machine({ took: 600 });
    await keepComing(many, 60_000);
    // The first overdraws what was saved by 100 ms; each of the others takes 600 of 12,000 ms.
    expect(many.times().map(Math.round)).toEqual([0, 2_600, 14_600, 26_600, 38_600, 50_600]);
  });

  test('come one after the other, however long one takes', async () => {
    const { clock, walks, state, processes } = machine({ took: 3_000 });
    for (let cookie = 1n; cookie <= 20n; cookie++) {
      processes.want(cookie);
      await clock.pass(500);
    }
    expect(walks.map(({ cookies }) => cookies)).toEqual([[1n]]);
    await clock.pass(1_000_000);
    expect(state.mostAtOnce).toBe(1);
    expect(processes.counts).toMatchObject({ unknown: 20, refused: 0 });
  });

  test('look for so many at once, those first that wait longest', async () => {
    const { clock, open, walks, processes } = machine();
    const cookies = Array.from({ length: 2 * MOST_A_WALK + 1 }, (_, index) => BigInt(index + 1));
    for (const cookie of cookies) {
      open.set(cookie, NGINX);
      processes.want(cookie);
    }
    await clock.pass(60_000);
    expect(walks).toEqual([
      { at: 0, cookies: cookies.slice(0, MOST_A_WALK) },
      { at: 50, cookies: cookies.slice(MOST_A_WALK, 2 * MOST_A_WALK) },
      { at: 100, cookies: cookies.slice(2 * MOST_A_WALK) },
    ]);
  });

  test('that fail have found nothing; the first is told, all are counted', async () => {
    const { clock, open, state, told, failures, processes } = machine();
    open.set(1n, NGINX);
    const fault = new Error('no memory');
    state.fault = fault;
    processes.want(1n);
    await clock.pass(50);
    expect(failures).toEqual([fault]);
    expect(processes.counts).toMatchObject({ walks: 2, failed: 2, unknown: 0 });
    state.fault = undefined;
    await clock.pass(60_000);
    expect(told).toEqual([[1n]]);
    expect(failures).toHaveLength(1);
  });
});

describe('what is forgotten', () => {
  test('is not looked for', async () => {
    const { clock, walks, processes } = machine();
    processes.want(1n);
    processes.forget(1n);
    await clock.pass(60_000);
    expect(walks).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('is not looked for again, nor counted as unknown', async () => {
    const { clock, walks, processes } = machine();
    processes.want(1n);
    await clock.pass(0);
    processes.forget(1n);
    await clock.pass(60_000);
    expect(walks).toHaveLength(1);
    expect(processes.counts.unknown).toBe(0);
  });

  test('while it is looked for is not told', async () => {
    const { clock, open, told, processes } = machine({ took: 10 });
    open.set(1n, NGINX).set(2n, SSHD);
    processes.want(1n);
    processes.want(2n);
    await clock.pass(5);
    processes.forget(1n);
    await clock.pass(60_000);
    expect(told).toEqual([[2n]]);
    expect(processes.get(1n)).toBeUndefined();
  });

  test('has a process no more, and may be wanted anew', async () => {
    const { clock, open, told, processes } = machine();
    open.set(1n, NGINX);
    processes.want(1n);
    await clock.pass(0);
    processes.forget(1n);
    expect(processes.get(1n)).toBeUndefined();
    processes.want(1n);
    await clock.pass(60_000);
    expect(told).toEqual([[1n], [1n]]);
  });
});

describe('room', () => {
  test('there is for so many, known and waiting; more are counted', async () => {
    const { clock, open, processes } = machine({ most: 3 });
    open.set(1n, NGINX);
    for (const cookie of [1n, 2n, 3n, 4n, 3n]) processes.want(cookie);
    expect(processes.counts).toMatchObject({ refused: 1 });
    open.set(4n, SSHD);
    await clock.pass(60_000);
    expect(processes.get(4n)).toBeUndefined();
  });

  test('is made by those given up, the first of them first: their flows may have ended unseen', async () => {
    const { clock, open, walks, processes } = machine({ most: 3 });
    for (const cookie of [1n, 2n, 3n]) {
      processes.want(cookie);
      await clock.pass(60_000);
    }
    open.set(4n, SSHD);
    processes.want(4n);
    await clock.pass(0);
    expect(processes.get(4n)).toEqual(SSHD);
    expect(processes.counts).toMatchObject({ unknown: 3, refused: 0 });
    const { length } = walks;
    for (const cookie of [2n, 3n]) processes.want(cookie);
    await clock.pass(60_000);
    expect(walks).toHaveLength(length);
  });

  test.each([
    ['known', 1n],
    ['given up', 2n],
    ['waiting', 3n],
  ])('there is again when one that is %s is forgotten', async (_, cookie) => {
    const { clock, open, processes } = machine({ most: 3 });
    open.set(1n, NGINX).set(4n, SSHD);
    processes.want(1n);
    processes.want(2n);
    await clock.pass(60_000);
    processes.want(3n);
    processes.forget(cookie);
    processes.want(4n);
    await clock.pass(0);
    expect(processes.get(4n)).toEqual(SSHD);
    expect(processes.counts.refused).toBe(0);
  });
});

describe('closing', () => {
  test('calls off what was to be looked for', async () => {
    const { clock, walks, processes } = machine();
    processes.want(1n);
    await processes.close();
    processes.want(2n);
    await clock.pass(60_000);
    expect(walks).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('waits for the walk under way, which is not told and not followed by another', async () => {
    const { clock, open, walks, told, processes } = machine({ took: 100 });
    open.set(1n, NGINX);
    processes.want(1n);
    await clock.pass(50);
    processes.want(2n);
    let isClosed = false;
    const closing = processes.close().then(() => {
      isClosed = true;
    });
    await clock.pass(49);
    expect(isClosed).toBe(false);
    await clock.pass(1);
    expect(isClosed).toBe(true);
    await closing;
    await clock.pass(60_000);
    expect(told).toEqual([]);
    expect(walks).toHaveLength(1);
    await processes.close();
  });
});

test('with the clock of the machine', async () => {
  const process = await new Promise<Process | undefined>((resolve) => {
    const processes: Processes = new Processes({
      find: async (cookies) => new Map(cookies.map((cookie) => [cookie, NGINX])),
      found: ([cookie = 0n]) => resolve(processes.get(cookie)),
    });
    processes.want(1n);
  });
  expect(process).toEqual(NGINX);
});
