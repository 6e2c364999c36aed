/** What the core has counted in each interval of a run, on its way to the output. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Aggregate } from '../../src/events/aggregate.js';
import type { Notice } from '../../src/format/formatter.js';
import type { RunOptions } from '../../src/options/options.js';
import {
  type AggregateReporter,
  aggregateReporterOf,
  aggregateShapeOf,
} from '../../src/run/aggregate-reporter.js';
import { Ending } from '../../src/run/ending.js';
import { Pump } from '../../src/run/pump.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { Totals } from '../../src/summary/totals.js';
import { aggregateOf } from '../helpers/events/aggregates.js';

const AGGREGATION = { ...NO_AGGREGATION, interval: 100n };

let counted: Aggregate[];
let told: Notice[];
let rooms: number;
let totals: Totals;

function reporterWith(aggregation = AGGREGATION, quiet = false): AggregateReporter {
  const output = { accept: () => {}, notice: (notice: Notice) => told.push(notice) > 0 };
  const count = Number.POSITIVE_INFINITY;
  const ending = new Ending({ totals, count, conditions: [], onEnough() {} });
  const reporter = aggregateReporterOf({
    options: { aggregation, quiet },
    source: { takeAggregates: async () => counted.splice(0) },
    pump: new Pump({ consumers: [totals, output], ending }),
    sink: {
      room: () => {
        rooms++;
        return undefined;
      },
    },
    shutdown: { signal: new AbortController().signal },
    expected: 'beyond',
    seenAtOf: undefined,
  });
  reporter?.begin(1_000n);
  return reporter as AggregateReporter;
}

beforeEach(() => {
  counted = [];
  told = [];
  rooms = 0;
  totals = new Totals();
});

test('there is none where none is asked for', () => {
  expect(reporterWith(NO_AGGREGATION as typeof AGGREGATION)).toBeUndefined();
  expect(aggregateShapeOf({ aggregation: NO_AGGREGATION } as RunOptions)).toBeUndefined();
});

test('an interval is told as a whole, and then each of its aggregates', async () => {
  counted = [aggregateOf(), aggregateOf({ side: 'behind' })];
  const reporter = reporterWith();
  expect(reporter.untilNext(1_040n)).toBe(60n);
  await reporter.report(1_103n);
  expect(told.map(({ type }) => type)).toEqual(['aggregates', 'aggregate', 'aggregate']);
  expect(told).toMatchObject(told.map(() => ({ timestamp: 1_103n, length: 103n })));
  expect(reporter.untilNext(1_103n)).toBe(97n);
});

describe('the totals', () => {
  test('have what was counted', async () => {
    counted = [aggregateOf(), aggregateOf()];
    await reporterWith().report(1_100n);
    expect([totals.samples, totals.reported]).toEqual([24, 20]);
    const [{ side, path, beside }] = totals.distributions() as [
      ReturnType<Totals['distributions']>[number],
    ];
    expect({ side, beside, kind: path.kind, reported: path.reported }).toEqual({
      side: 'beyond',
      beside: [],
      kind: 'all',
      reported: 20,
    });
    expect(path.rtt).toMatchObject({ min: 1_050_000, max: 12_100_000 });
  });

  test('have it with --quiet, too, and nothing is told', async () => {
    counted = [aggregateOf()];
    await reporterWith(AGGREGATION, true).report(1_100n);
    expect(totals.samples).toBe(12);
    expect(told).toEqual([]);
  });

  test('have events instead, where there are any', async () => {
    counted = [aggregateOf()];
    await reporterWith({ ...AGGREGATION, events: true }).report(1_100n);
    expect(totals.samples).toBe(0);
    expect(told).toHaveLength(2);
  });
});

test('the output is waited for, now and then', async () => {
  counted = Array.from({ length: 2_500 }, () => aggregateOf());
  await reporterWith().report(1_100n);
  expect(told).toHaveLength(2_501);
  expect(rooms).toBe(2);
});

describe('at the end', () => {
  test('the rest is told, however short', async () => {
    counted = [aggregateOf()];
    await reporterWith().reportLast(1_001n);
    expect(told).toHaveLength(2);
  });

  test('a short rest with nothing is not, and a longer one is', async () => {
    await reporterWith().reportLast(1_049n);
    expect(told).toHaveLength(0);
    await reporterWith().reportLast(1_050n);
    expect(told.map(({ type }) => type)).toEqual(['aggregates']);
  });
});
