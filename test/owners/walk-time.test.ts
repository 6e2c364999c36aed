/** What walks may take, together, whoever has them made. */
import { expect, test } from '@jest/globals';
import { WalkTime } from '../../src/owners/walk-time.js';
import { ManualClock, settled } from '../helpers/owners/manual-clock.js';

/** Of 10 s, 5 %. */
const SAVED_MS = 500;
const SHARE = 0.05;
/** Of a walk that fails. */
const FAILING_MS = 120;

function machine() {
  const clock = new ManualClock();
  const time = new WalkTime();
  const begun: number[] = [];
  const beginning = clock.now();
  const walk = (took: number) =>
    time.walk(clock, async () => {
      begun.push(clock.now() - beginning);
      await new Promise<void>((resolve) => clock.after(took, resolve));
      if (took === FAILING_MS) throw new Error('no walk');
      return took;
    });
  /** Once what waits for promises has begun. */
  const pass = async (milliseconds: number) => {
    await settled();
    await clock.pass(milliseconds);
  };
  return { time, begun, walk, pass, beginning };
}

test('what is saved may be used at once; what is overdrawn is paid for by waiting', async () => {
  const { time, walk, pass, beginning } = machine();
  const walking = walk(SAVED_MS);
  await pass(SAVED_MS);
  expect(await walking).toBe(SAVED_MS);
  expect(time.earliest).toBe(beginning + SAVED_MS);
  void walk(100);
  await pass(100);
  const paid = 100 * SHARE;
  expect(time.earliest).toBeCloseTo(beginning + SAVED_MS + 100 + (100 - paid) / SHARE);
});

test('walks come one after the other, and waiting for another is none of the time of one', async () => {
  const { time, begun, walk, pass, beginning } = machine();
  const walks = [walk(300), walk(300)];
  await pass(600);
  expect(await Promise.all(walks)).toEqual([300, 300]);
  expect(begun).toEqual([0, 300]);
  const saved = SAVED_MS - 600 + 300 * SHARE;
  expect(time.earliest).toBeCloseTo(beginning + 600 - saved / SHARE);
});

test('one that fails has taken its time, and the next is made', async () => {
  const { time, begun, walk, pass, beginning } = machine();
  const failing = expect(walk(FAILING_MS)).rejects.toThrow('no walk');
  const next = walk(SAVED_MS);
  await pass(FAILING_MS + SAVED_MS);
  await failing;
  expect(await next).toBe(SAVED_MS);
  expect(begun).toEqual([0, FAILING_MS]);
  const owed = FAILING_MS - SAVED_MS * SHARE;
  expect(time.earliest).toBeCloseTo(beginning + FAILING_MS + SAVED_MS + owed / SHARE);
});
