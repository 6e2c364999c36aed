import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { Drainer, type DrainerParts } from '../../src/run/drainer.js';

let now = 1_000_000;

beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** @param taken events that each drain takes. @param room of the output; undefined: enough */
function drainerOf(taken: () => number, room: () => Promise<void> | undefined = () => undefined) {
  const parts = {
    source: {
      drain: taken,
      wait: async () => {},
      waitForEvent: async () => {},
      backlog: 0,
    },
    pump: { accept() {}, acceptAttribution() {}, flush() {} },
    sink: { room },
    clock: new Clock(0n),
    epochOffset: { read: () => 0n },
    shutdown: { isOver: false },
  };
  return new Drainer(parts as unknown as DrainerParts);
}

test('it drains as long as it gets on, however little there is to be drained', async () => {
  const drainer = drainerOf(() => 0);
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
  const PORTION = 16_384;
  let give = () => {};
  const room = () =>
    new Promise<void>((resolve) => {
      give = resolve;
    });
  const drainer = drainerOf(() => PORTION, room);
  await drainer.drainNext();
  const next = drainer.drainNext();
  now += 16_000;
  expect(drainer.isDraining).toBe(false);
  give();
  await next;
  expect(drainer.isDraining).toBe(true);
});
