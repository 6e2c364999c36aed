import { setImmediate as immediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { Drainer, type DrainerParts, PORTION } from '../../src/run/drainer.js';

let now = 1_000_000;

beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** @param taken events that each drain takes. @param room of the output; undefined: enough */
function drainerOf(taken: () => number, room: () => Promise<void> | undefined = () => undefined) {
  const shutdown = new AbortController();
  const source = {
    drain: taken,
    wait: jest.fn(async () => {}),
    waitForEvent: jest.fn(async () => {}),
    areMany: false,
    backlog: 0,
  };
  const parts = {
    source,
    pump: { accept() {}, acceptAttribution() {}, flush() {} },
    sink: { room },
    clock: new Clock(0n),
    epochOffset: { read: () => 0n },
    shutdown: { isOver: false, signal: shutdown.signal },
  };
  return { drainer: new Drainer(parts as unknown as DrainerParts), source, shutdown };
}

test('it drains as long as it gets on, however little there is to be drained', async () => {
  const { drainer } = drainerOf(() => 0);
  expect(drainer.isDraining).toBe(false);
  await drainer.drainNext();
  now += 14_000;
  expect(drainer.isDraining).toBe(true);
  now += 2_000;
  expect(drainer.isDraining).toBe(false);
  const next = drainer.drainNext();
  expect(drainer.isDraining).toBe(true);
  await next;
});

test('it does not while an output takes nothing', async () => {
  let give = () => {};
  const room = () =>
    new Promise<void>((resolve) => {
      give = resolve;
    });
  const taken = jest.fn(() => PORTION);
  const { drainer, source } = drainerOf(taken, room);
  await drainer.drainNext();
  const next = drainer.drainNext();
  for (let turn = 0; turn < 3; turn++) await immediate();
  expect(taken).toHaveBeenCalledTimes(1);
  now += 16_000;
  drainer.drainNow();
  expect(drainer.isDraining).toBe(false);
  give();
  await next;
  expect(drainer.isDraining).toBe(true);
  expect(taken).toHaveBeenCalledTimes(3);
  expect(source.wait).not.toHaveBeenCalled();
});

test('where none come it is woken by the first', async () => {
  const { drainer, source } = drainerOf(() => 0);
  await drainer.drainNext();
  await drainer.drainNext();
  expect(source.waitForEvent).toHaveBeenCalledTimes(2);
  expect(source.wait).not.toHaveBeenCalled();
});

test('where some come a timer will do, which the end of the run cuts short', async () => {
  const { drainer, source, shutdown } = drainerOf(() => 1);
  await drainer.drainNext();
  now += 10;
  const next = drainer.drainNext();
  shutdown.abort();
  await expect(next).rejects.toThrow('aborted');
  expect(source.waitForEvent).toHaveBeenCalledTimes(1);
  expect(source.wait).not.toHaveBeenCalled();
});

test('there is no timer where far more come than before', async () => {
  const { drainer, source, shutdown } = drainerOf(() => 1);
  await drainer.drainNext();
  now += 10;
  source.areMany = true;
  const next = drainer.drainNext();
  shutdown.abort();
  await next;
  expect(source.wait).not.toHaveBeenCalled();
});

test('it looks again before the time is up', async () => {
  const { drainer, source, shutdown } = drainerOf(() => 1);
  await drainer.drainNext();
  now += 10;
  let looks = 0;
  Object.defineProperty(source, 'areMany', { get: () => ++looks === 2 });
  await drainer.drainNext();
  expect(looks).toBe(2);
  shutdown.abort();
  expect(source.wait).not.toHaveBeenCalled();
});

test('what is taken in between counts as well', async () => {
  const { drainer, source } = drainerOf(() => 3_000);
  await drainer.drainNext();
  now += 100;
  drainer.drainNow();
  await drainer.drainNext();
  expect(source.wait).toHaveBeenCalledTimes(1);
});

test('after more than fit twice it is woken when the ring buffer fills up', async () => {
  const taken = [PORTION, 1, 0];
  const { drainer, source } = drainerOf(() => taken.shift() ?? 0);
  for (let i = 0; i < 3; i++) {
    await drainer.drainNext();
    now += 30;
  }
  expect(source.wait).toHaveBeenCalledTimes(1);
  await drainer.drainNext();
  expect(source.waitForEvent).toHaveBeenCalledTimes(2);
});

/** As the kernel wakes it: at a quarter of the ring buffer, that is 1,821 RTTs of 144 bytes. */
test('at a steady high rate it is woken by the kernel each time', async () => {
  const { drainer, source } = drainerOf(() => 1_821);
  for (let i = 0; i < 10; i++) {
    await drainer.drainNext();
    now += 30;
  }
  expect(source.wait).toHaveBeenCalledTimes(9);
});
