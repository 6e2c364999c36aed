/** What sweeps count, in a system call, is counted by packets as well, which may break in on them. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { PATIENCE } from '../../lab/until.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { runProgram } from '../../src/libbpf/run-program.js';
import { readCounters } from '../../src/maps/counters.js';

/** struct interrupted (interrupted.c): three u64 */
const RESULT_BYTES = 24;
/** Or nothing was put to the test. */
const LEAST_IN_BETWEEN = 100n;
const MOST_RUNS = 50;

jest.setTimeout(180_000 * PATIENCE);

let object: BpfObject;

beforeEach(() => {
  object = new BpfObject(join(repositoryRoot, 'dist/test/kernel/interrupted.o'));
  object.load(['count_interrupted']);
});

afterEach(() => object.close());

test('no count is lost where a softirq of the same CPU counts in between', () => {
  const context = Buffer.alloc(RESULT_BYTES);
  let [counts, interruptions, inBetween] = [0n, 0n, 0n];
  for (let run = 0; run < MOST_RUNS && inBetween < LEAST_IN_BETWEEN; run++) {
    expect(runProgram(object.program('count_interrupted'), { context }).verdict).toBe(0);
    counts += context.readBigUInt64LE(0);
    interruptions = context.readBigUInt64LE(8);
    inBetween = context.readBigUInt64LE(16);
  }
  expect(inBetween).toBeGreaterThanOrEqual(LEAST_IN_BETWEEN);
  const total = Number(counts + interruptions);
  const { unanswered, rttEventsLost, flowEventsLost } = readCounters(object.map('counters'));
  expect({ unanswered, rttEventsLost, flowEventsLost }).toEqual({
    unanswered: total,
    rttEventsLost: total,
    flowEventsLost: total,
  });
});
