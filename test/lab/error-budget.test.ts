/**
 * No RTT below what the path takes, and hardly any above: over short and long paths, idle and with a
 * queue in them, with both address families and both clocks that Linux has for TCP timestamps.
 *
 * Two captures tell what is true, packet by packet, so that they follow the queue; what is made of
 * them has none of pping's code (test/helpers/lab/wire.ts).
 *
 * The path's is taken by the delay line itself, which has every packet after pping saw it, and every
 * answer before, with times of the clock that it delays by and pping measures with. So there is no
 * tolerance, not of a nanosecond: no RTT may be below what it shows, nor that below the delay.
 * It shows less than the truth by the time until it has read what the kernel gave it, which on a busy
 * machine is more than any error of pping's. So the errors are taken against tcpdump's capture at the
 * same interface, whose times the kernel takes itself, a few microseconds of its code from the hooks.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { missingUsecTimestamps } from '../../lab/usec-timestamps.js';
import {
  type Budget,
  CONNECTIONS,
  DELAYS_MS,
  KINDS,
  LOADED_NS,
  LOADS,
  measureBudget,
  SAMPLES,
} from '../helpers/lab/budget.js';
import { errorTable } from '../helpers/lab/error-table.js';
import { expectWithinBudget, pathTakes } from '../helpers/lab/within-budget.js';

/** Of a clock's ticks per second as the path has seen them: the two are a factor of 1000 apart. */
const CLOCK_TOLERANCE = 0.5;

const EVERY_CONNECTION = Array.from({ length: CONNECTIONS }, () => true);

/** A file for the table of docs/accuracy.md. */
const TABLE = process.env.PPING_TEST_TABLE;

const missing = await missingUsecTimestamps();
const kinds = KINDS.filter(({ hz }) => missing === undefined || hz === 1e3);
const situations = DELAYS_MS.flatMap((delayMs) => LOADS.map((load) => ({ delayMs, load })));

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'pping-budget-'));
let budget: Budget;

beforeAll(async () => {
  budget = await measureBudget(kinds, (name) => join(folder, name));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (TABLE !== undefined) writeFileSync(TABLE, errorTable(budget, kinds, situations));
});

describe.each(KINDS)('$kind', ({ hz, address }) => {
  const isAbsent = hz === 1e6 && missing !== undefined;
  const on = isAbsent ? test.skip : test;
  const why = isAbsent ? ` (skipped: ${missing})` : '';

  on.each(situations)(`$delayMs ms one way, $load${why}`, (situation) => {
    const flows = budget.of(situation, address);

    expect(flows.map(({ samples }) => samples.length >= SAMPLES)).toEqual(EVERY_CONNECTION);
    for (const { clockHz } of flows) {
      expect(Math.abs(clockHz / hz - 1)).toBeLessThan(CLOCK_TOLERANCE);
    }
    const reference = expectWithinBudget(flows, situation);
    if (situation.load === 'loaded') {
      expect(reference).toBeGreaterThan(pathTakes(situation) + LOADED_NS);
    }
  });
});

test.each(DELAYS_MS)('the upload itself, %d ms one way', (delayMs) => {
  const situation = { delayMs, load: 'loaded' } as const;
  const flows = budget.upload(situation);

  expect(flows.map(({ samples }) => samples.length >= SAMPLES)).toEqual([true]);
  expectWithinBudget(flows, situation);
});
