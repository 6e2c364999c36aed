/** Waiting for an output: while a run goes on, and once it is over. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LAST_ROOM_MS, Room } from '../../src/run/room.js';

let shutdown: AbortController;
let room: Room;
/** As outputs have it: whoever has no time left does not wait. */
let isFull: boolean;
let waits: number;
let free: () => void;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  shutdown = new AbortController();
  isFull = false;
  waits = 0;
  free = () => {};
  room = new Room({ room: (signal) => (isFull ? untilFree(signal) : undefined) }, shutdown);
});

afterEach(() => {
  jest.useRealTimers();
});

function untilFree(signal: AbortSignal): Promise<void> | undefined {
  if (signal.aborted) return undefined;
  waits++;
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  return Promise.race([freed, once(signal, 'abort').then(() => {})]);
}

/** Whether it has come to an end by now, and all that only waits for its turn has had one. */
async function isOver(waited: Promise<void> | undefined): Promise<boolean> {
  const turns = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    return false;
  };
  return Promise.race([Promise.resolve(waited).then(() => true), turns()]);
}

test('nobody waits where there is room', () => {
  expect(room.wait()).toBeUndefined();
});

test('a run that goes on waits for as long as it takes', async () => {
  isFull = true;
  const waited = room.wait();
  await jest.advanceTimersByTimeAsync(100 * LAST_ROOM_MS);
  expect(await isOver(waited)).toBe(false);
  free();
  expect(await isOver(waited)).toBe(true);
});

describe('once the run is over', () => {
  test('others have their turn, also where there is room', async () => {
    shutdown.abort();
    expect(room.wait()).toBeInstanceOf(Promise);
    expect(await isOver(room.wait())).toBe(true);
  });

  test('who has waited before goes on to', async () => {
    isFull = true;
    const waited = room.wait();
    shutdown.abort();
    expect(await isOver(waited)).toBe(false);
    free();
    expect(await isOver(waited)).toBe(true);
  });

  test('an output that takes some is waited for again and again', async () => {
    shutdown.abort();
    isFull = true;
    for (let portion = 1; portion <= 5; portion++) {
      const waited = room.wait();
      await jest.advanceTimersByTimeAsync(LAST_ROOM_MS - 1);
      expect(await isOver(waited)).toBe(false);
      free();
      expect(await isOver(waited)).toBe(true);
      expect(waits).toBe(portion);
    }
  });

  test('one that takes nothing is waited for once', async () => {
    shutdown.abort();
    isFull = true;
    const waited = room.wait();
    await jest.advanceTimersByTimeAsync(LAST_ROOM_MS);
    expect(await isOver(waited)).toBe(true);
    expect(await isOver(room.wait())).toBe(true);
    expect(waits).toBe(1);
  });
});
