/** What the core has counted in each interval of a run, on its way to the output. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Aggregate, DnsAggregate } from '../../src/events/aggregate.js';
import type { Notice } from '../../src/format/formatter.js';
import { parseCondition } from '../../src/options/condition.js';
import type { RunOptions } from '../../src/options/options.js';
import {
  type AggregateReporter,
  aggregateReporterOf,
  aggregateShapeOf,
} from '../../src/run/aggregate-reporter.js';
import { Ending } from '../../src/run/ending.js';
import { Pump } from '../../src/run/pump.js';
import { areOnlyAggregated, NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import type { AskedProtocols } from '../../src/sampling/protocols.js';
import { measuredOf } from '../../src/sampling/protocols.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';
import { Totals } from '../../src/summary/totals.js';
import { aggregateOf, dnsAggregateOf } from '../helpers/events/aggregates.js';
import { overdueEvent, rttEvent } from '../helpers/events/events.js';

const AGGREGATION = { ...NO_AGGREGATION, interval: 100n };

let counted: (Aggregate | DnsAggregate)[];
let told: Notice[];
let accepted: string[];
let rooms: number;
let room: (signal: AbortSignal) => Promise<void> | undefined;
let shutdown: AbortController;
let totals: Totals;
let conditions: ConditionWatch[];
let ended: number;
let pump: Pump;

function reporterWith(
  aggregation = AGGREGATION,
  quiet = false,
  protocols: AskedProtocols = [],
): AggregateReporter {
  const output = { accept: () => {}, notice: (notice: Notice) => told.push(notice) > 0 };
  const count = Number.POSITIVE_INFINITY;
  const ending = new Ending({
    ...{ totals, count, conditions, areCounted: areOnlyAggregated(aggregation) },
    onEnough: () => ended++,
  });
  const consumer = {
    accept: () => {},
    acceptAggregate: ({ protocol }: Aggregate) => accepted.push(protocol),
    acceptDnsAggregate: ({ protocol }: DnsAggregate) => accepted.push(`${protocol} by itself`),
  };
  pump = new Pump({ consumers: [totals, output, consumer], ending });
  const reporter = aggregateReporterOf({
    options: { aggregation, quiet, measured: measuredOf(protocols) },
    source: { takeAggregates: async () => counted.splice(0) },
    totals,
    pump,
    sink: {
      room: (signal) => {
        rooms++;
        return room(signal);
      },
    },
    shutdown,
    expected: 'beyond',
    seenAtOf: undefined,
  });
  reporter?.begin(1_000n);
  return reporter as AggregateReporter;
}

beforeEach(() => {
  counted = [];
  told = [];
  accepted = [];
  rooms = 0;
  room = () => undefined;
  shutdown = new AbortController();
  ended = 0;
  conditions = [];
  totals = new Totals();
});

test('there is none where none is asked for', () => {
  expect(reporterWith(NO_AGGREGATION as typeof AGGREGATION)).toBeUndefined();
  expect(
    aggregateShapeOf({ aggregation: NO_AGGREGATION, measured: measuredOf([]) } as RunOptions),
  ).toBeUndefined();
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

describe('DNS response times', () => {
  test('go their own way, beside RTTs', async () => {
    counted = [dnsAggregateOf(), aggregateOf(), dnsAggregateOf({ side: 'behind' })];
    conditions = [new ConditionWatch(parseCondition('p50>1ms'))];
    await reporterWith(AGGREGATION, false, ['tcp', 'dns']).report(1_100n);
    const [all, ...each] = told;
    expect(each.map(({ type }) => type)).toEqual(['aggregate', 'dns_aggregate', 'dns_aggregate']);
    expect(all).toMatchObject({
      sides: [{ protocol: 'TCP', all: { reported: 10 } }],
      dns: [{ side: 'beyond' }, { side: 'behind' }],
    });
    expect(accepted).toEqual(['TCP', 'DNS by itself', 'DNS by itself']);
    expect([totals.reported, totals.told]).toEqual([10, 30]);
    expect(totals.distributions().map(({ protocol }) => protocol)).toEqual([undefined]);
  });

  test('alone there is nothing of RTTs, and no condition of these is judged by them', async () => {
    counted = [
      dnsAggregateOf({ reported: 30, least: 80e6, most: 90e6, buckets: [[79_691_776, 30]] }),
    ];
    conditions = [new ConditionWatch(parseCondition('min>1ms'))];
    await reporterWith(AGGREGATION, false, ['dns']).report(1_100n);
    expect(told.map(({ type }) => type)).toEqual(['aggregates', 'dns_aggregate']);
    expect(told[0]).toMatchObject({ sides: [], dns: [{ side: 'beyond' }] });
    expect([totals.reported, ended]).toEqual([0, 0]);
  });

  test('where there are events, the totals have these', async () => {
    counted = [dnsAggregateOf()];
    await reporterWith({ ...AGGREGATION, events: true }, false, ['dns']).report(1_100n);
    expect([totals.told, accepted]).toEqual([0, []]);
    expect(told.map(({ type }) => type)).toEqual(['aggregates', 'dns_aggregate']);
  });
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

describe('a condition', () => {
  const watching = (text: string) => {
    const condition = new ConditionWatch(parseCondition(text));
    conditions = [condition];
    return condition;
  };
  /** 30 RTTs of 100 ns each: all is within some hundred. */
  const some = () =>
    aggregateOf({ reported: 30, samples: 36, least: 90, most: 110, buckets: [[0, 30]] });

  test('is judged at the end of each interval, which is told nevertheless', async () => {
    const condition = watching('max>=110ns');
    const reporter = reporterWith();
    counted = [];
    await reporter.report(1_100n);
    expect([condition.isMet, ended]).toEqual([false, 0]);
    counted = [some(), some()];
    await reporter.report(1_200n);
    expect(condition).toMatchObject({ isMet: true, value: 110, considered: 60 });
    expect(ended).toBe(1);
    expect(told.map(({ type }) => type).slice(1)).toEqual(['aggregates', 'aggregate', 'aggregate']);
  });

  test('of samples looks at those of the run', async () => {
    watching('samples>72');
    const reporter = reporterWith();
    for (const at of [1_100n, 1_200n, 1_300n]) {
      expect(ended).toBe(0);
      counted = [some()];
      await reporter.report(at);
    }
    expect(ended).toBe(1);
  });

  test('goes by when an interval was due, however late it is reported', async () => {
    watching('max>=110ns/100ns for 200ns');
    const reporter = reporterWith();
    for (const at of [1_190n, 1_203n, 1_301n]) {
      expect(ended).toBe(0);
      counted = [some()];
      await reporter.report(at);
    }
    expect(ended).toBe(1);
  });

  test('is judged over the rest, too', async () => {
    watching('max>=110ns');
    counted = [some()];
    await reporterWith().reportLast(1_010n);
    expect(ended).toBe(1);
  });

  test('has what is overdue, with the time that it has waited, once the interval is over', async () => {
    const condition = watching('max>2s');
    const reporter = reporterWith();
    pump.accept(overdueEvent({ waited: 3_000_000_000 }));
    counted = [some()];
    expect(ended).toBe(0);
    await reporter.report(1_100n);
    expect(condition).toMatchObject({ isMet: true, value: 3_000_000_000, considered: 31 });
  });

  test('looks at events, where there are any, and not at what was counted', async () => {
    const condition = watching('max>2s');
    const reporter = reporterWith({ ...AGGREGATION, events: true });
    for (let at = 0; at < 20; at++) pump.accept(rttEvent());
    counted = [aggregateOf({ most: 5_000_000_000, buckets: [[2 ** 32, 30]] })];
    await reporter.report(1_100n);
    expect(condition).toMatchObject({ isMet: false, considered: 20 });
    pump.accept(overdueEvent({ waited: 3_000_000_000 }));
    expect(condition.isMet).toBe(true);
  });
});

test('the output is waited for, now and then', async () => {
  counted = Array.from({ length: 2_500 }, () => aggregateOf());
  await reporterWith().report(1_100n);
  expect(told).toHaveLength(2_501);
  expect(rooms).toBe(2);
});

/** As outputs do it: whoever has no time left does not wait. */
function busyUntil(isFree: Promise<void>): typeof room {
  return (signal) => {
    if (signal.aborted) return undefined;
    return Promise.race([isFree, once(signal, 'abort').then(() => {})]);
  };
}

describe('at the end', () => {
  test('the output is waited for all the same', async () => {
    counted = Array.from({ length: 2_500 }, () => aggregateOf());
    let free = () => {};
    room = busyUntil(
      new Promise<void>((resolve) => {
        free = resolve;
      }),
    );
    shutdown.abort();
    const reported = reporterWith().reportLast(1_100n);
    await delay(50);
    expect(told).toHaveLength(1_001);
    free();
    await reported;
    expect(told).toHaveLength(2_501);
  });

  test('one that takes nothing is waited for once, for a while', async () => {
    counted = Array.from({ length: 4_500 }, () => aggregateOf());
    room = busyUntil(new Promise(() => {}));
    const begin = performance.now();
    const reported = reporterWith().report(1_100n);
    await delay(50);
    expect(told).toHaveLength(1_001);
    shutdown.abort();
    await reported;
    expect(told).toHaveLength(4_501);
    const waited = performance.now() - begin;
    expect([waited >= 2_000, waited < 4_000]).toEqual([true, true]);
  });

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
