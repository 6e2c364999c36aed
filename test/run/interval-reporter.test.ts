/** When the intervals of a run end, and what is told of them. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import type { Notice } from '../../src/format/formatter.js';
import type { RunOptions } from '../../src/options/options.js';
import type { Consumer } from '../../src/run/consumer.js';
import { Ending } from '../../src/run/ending.js';
import {
  type IntervalReporter,
  intervalReporterOf,
  intervalShapeOf,
  intervalsOf,
} from '../../src/run/interval-reporter.js';
import { Pump } from '../../src/run/pump.js';
import { measuredOf } from '../../src/sampling/protocols.js';
import { Totals } from '../../src/summary/totals.js';
import { dnsEvent, rttEvent } from '../helpers/events/events.js';

const OPTIONS = {
  ...{ interval: 100n, by: undefined, output: 'x' },
  measured: measuredOf([]),
} as unknown as RunOptions;

let pump: Pump;
let reporter: IntervalReporter;
let told: (readonly [end: bigint, length: bigint, samples: number])[];
let flushes: number;

beforeEach(() => {
  told = [];
  flushes = 0;
  const totals = new Totals();
  const intervals = intervalsOf(OPTIONS, totals, 'beyond', undefined);
  const output: Consumer = {
    accept: () => {},
    notice: (notice: Notice) => {
      if (notice.type !== 'interval') return false;
      told.push([notice.timestamp, notice.length, notice.figures.samples]);
      return true;
    },
    flush: () => {
      flushes++;
    },
  };
  const consumers = [totals, intervals, output].filter((each) => each !== undefined);
  const count = Number.POSITIVE_INFINITY;
  pump = new Pump({
    consumers,
    ending: new Ending({ totals, count, conditions: [], onEnough() {} }),
  });
  reporter = intervalReporterOf(OPTIONS, intervals, pump) as IntervalReporter;
  reporter.begin(1_000n);
});

test('there is none where none is asked for', () => {
  const options = { ...OPTIONS, interval: undefined };
  const intervals = intervalsOf(options, new Totals(), 'beyond', undefined);
  expect(intervals).toBeUndefined();
  expect(intervalReporterOf(options, intervals, pump)).toBeUndefined();
  expect(intervalShapeOf(options)).toBeUndefined();
});

test('each is told when it ends, with what was in it, and handed on', () => {
  pump.accept(rttEvent());
  reporter.report(1_100n);
  reporter.report(1_200n);
  expect(told).toEqual([
    [1_100n, 100n, 1],
    [1_200n, 100n, 0],
  ]);
  expect(flushes).toBe(2);
});

test('the first begins once', () => {
  reporter.begin(1_050n);
  reporter.report(1_100n);
  expect(told).toEqual([[1_100n, 100n, 0]]);
});

test('the next is due at a multiple, however late one was; those that were missed are in it', () => {
  expect(reporter.untilNext(1_030n)).toBe(70n);
  expect(reporter.untilNext(1_101n)).toBe(0n);
  reporter.report(1_103n);
  expect(reporter.untilNext(1_103n)).toBe(97n);
  reporter.report(1_450n);
  expect(reporter.untilNext(1_450n)).toBe(50n);
  reporter.report(1_500n);
  expect(reporter.untilNext(1_500n)).toBe(100n);
  expect(told.map(([, length]) => length)).toEqual([103n, 347n, 50n]);
});

test('a clock that was set takes it along', () => {
  reporter.move(-900n);
  expect(reporter.untilNext(150n)).toBe(50n);
  reporter.report(200n);
  expect(told).toEqual([[200n, 100n, 0]]);
});

describe('the last one', () => {
  test('is told however short it is, where there was something in it', () => {
    pump.accept(rttEvent());
    reporter.reportLast(1_001n);
    expect(told).toEqual([[1_001n, 1n, 1]]);
  });

  test('without an RTT it is told if it was half an interval or more', () => {
    reporter.reportLast(1_049n);
    expect(told).toEqual([]);
    reporter.reportLast(1_050n);
    expect(told).toEqual([[1_050n, 50n, 0]]);
  });

  test('has no length where what was held back is told late', () => {
    reporter.report(1_100n);
    pump.accept(rttEvent());
    reporter.reportLast(1_090n);
    expect(told.at(-1)).toEqual([1_090n, 0n, 1]);
  });
});

describe('DNS', () => {
  /** Sides, responses of DNS and samples of RTTs in an interval, as they are told. */
  function toldOf(protocols: RunOptions['filter']['protocols'], ...events: KernelEvent[]) {
    const options = { ...OPTIONS, measured: measuredOf(protocols) };
    const intervals = intervalsOf(options, new Totals(), 'beyond', undefined);
    for (const event of events) intervals?.accept(event);
    const times = { timestamp: 1n, length: 1n };
    return intervals?.take(times).flatMap((notice) => {
      if (notice.type === 'interval') return [['interval', notice.figures.samples]];
      return notice.type === 'dns_interval' ? [['dns_interval', notice.figures.responses]] : [];
    });
  }

  test('alone has figures always, and RTTs none', () => {
    expect(toldOf(['dns'])).toEqual([['dns_interval', 0]]);
    expect(toldOf(['dns'], dnsEvent(), rttEvent())).toEqual([['dns_interval', 1]]);
  });

  test('beside others it has figures of its own, from its first query on', () => {
    expect(toldOf(['tcp', 'dns'], rttEvent())).toEqual([['interval', 1]]);
    expect(toldOf(['tcp', 'dns'], rttEvent(), dnsEvent())).toEqual([
      ['interval', 1],
      ['dns_interval', 1],
    ]);
  });

  test('is not told where it is not measured', () => {
    expect(toldOf([], rttEvent(), dnsEvent())).toEqual([['interval', 1]]);
    expect(intervalShapeOf({ ...OPTIONS })).toMatchObject({ isDnsTold: false });
  });
});
