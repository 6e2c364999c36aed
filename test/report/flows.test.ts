/** Counting the flows of a run, whoever has written it. */
import { expect, test } from '@jest/globals';
import { Flows } from '../../src/report/flows.js';
import type { RttRecord } from '../../src/report/records.js';

const COUNT = 60_000;
/** Of buckets that V8's map has for so many keys, at least. */
const BUCKET_BITS = 14;

test('takes no longer where the ids were chosen to be in one bucket of a map of numbers', () => {
  const ordinary = timeOf(Array.from({ length: COUNT }, (_, index) => index));
  const hostile = timeOf(collidingIds());
  expect(hostile).toBeLessThan(10 * ordinary + 100);
});

/** Of the processor, in ms: others' work is not in it. */
function timeOf(ids: readonly number[]): number {
  expect(new Set(ids.map((id) => `${id}`)).size).toBe(COUNT);
  const records = ids.map((flowId) => ({ flowId, interface: 'eth0', side: 0 }) as RttRecord);
  const flows = new Flows();
  const start = process.cpuUsage();
  const isNew = records.map((record) => flows.rtt(record).isNew);
  const { user, system } = process.cpuUsage(start);
  expect(isNew).not.toContain(false);
  return (user + system) / 1000;
}

function collidingIds(): number[] {
  const candidates = Array.from({ length: 3 * COUNT }, (_, index) => idOf(index << BUCKET_BITS));
  return candidates.filter((id) => id < 2 ** 31).slice(0, COUNT);
}

/** The number with that hash: V8's ComputeUnseededHash (src/numbers/hash-seed-inl.h), step by step the other way. */
function idOf(hash: number): number {
  let id = withoutShift(hash, 16);
  id = Math.imul(id, inverseOf(2057));
  id = withoutShift(id, 4);
  id = Math.imul(id, inverseOf(5)); // id += id << 2
  id = withoutShift(id, 12);
  return Math.imul(id + 1, inverseOf(32_767)) >>> 0; // id = ~id + (id << 15)
}

/** What `value` was before value ^= value >>> bits. */
function withoutShift(value: number, bits: number): number {
  let before = value;
  for (let known = bits; known < 32; known += bits) before = value ^ (before >>> bits);
  return before;
}

/** Modulo 2^32. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let step = 0; step < 5; step++) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  }
  return inverse;
}
