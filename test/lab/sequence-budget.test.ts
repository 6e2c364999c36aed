/**
 * The error budget of test/lab/error-budget.test.ts for connections without TCP timestamps: by sequence
 * number no RTT is below what the path takes, and hardly any above what tcpdump shows at the same interface.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  BARE_KINDS,
  type Budget,
  CONNECTIONS,
  LOADED_NS,
  LOADS,
  measureBudget,
  SAMPLES,
} from '../helpers/lab/budget.js';
import { errorTable } from '../helpers/lab/error-table.js';
import { expectWithinBudget, pathTakes } from '../helpers/lab/within-budget.js';

const DELAYS_MS = [5, 25] as const;
const SITUATIONS = DELAYS_MS.flatMap((delayMs) => LOADS.map((load) => ({ delayMs, load })));
const EVERY_CONNECTION = Array.from({ length: CONNECTIONS }, () => true);
/** A file for the table of docs/accuracy.md. */
const TABLE = process.env.PPING_TEST_TABLE;

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'pping-budget-'));
let budget: Budget;

beforeAll(async () => {
  budget = await measureBudget(BARE_KINDS, (name) => join(folder, name), DELAYS_MS);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (TABLE !== undefined) writeFileSync(TABLE, errorTable(budget, BARE_KINDS, SITUATIONS, false));
});

describe.each(BARE_KINDS)('$kind', ({ address }) => {
  test.each(SITUATIONS)('$delayMs ms one way, $load', (situation) => {
    const flows = budget.of(situation, address);

    // What is sent again, as by a machine that stalls, costs the RTT that waits (Karn).
    const counts = flows.map(({ samples, sentAgain }) => samples.length + sentAgain);
    expect(counts.map((count) => count >= SAMPLES)).toEqual(EVERY_CONNECTION);
    const reference = expectWithinBudget(flows, situation);
    if (situation.load === 'loaded') {
      expect(reference).toBeGreaterThan(pathTakes(situation) + LOADED_NS);
    }
  });
});
