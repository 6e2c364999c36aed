import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { Totals } from '../../src/summary/totals.js';
import { flowEvent, overdueEvent, rttEvent, runTotals } from '../helpers/events/events.js';

const {
  samples,
  reported,
  flows,
  rtt,
  sides,
  asked: _,
  ...COUNTED
} = runTotals({ droppedLines: 7 });

function totalsOf(rtts: readonly number[]): Totals {
  const totals = new Totals();
  for (const rtt of rtts) totals.accept(rttEvent({ rtt }));
  return totals;
}

const percentilesOf = (rtts: readonly number[]) => totalsOf(rtts).with(COUNTED).rtt;

test('a run without events has no percentiles, and what others counted', () => {
  expect(new Totals().with(COUNTED)).toEqual({
    samples,
    reported,
    flows,
    rtt,
    sides,
    ...COUNTED,
  });
});

test('an RTT counts once as reported, and for all the samples it stands for', () => {
  const totals = totalsOf([1, 2, 3]);
  totals.accept(rttEvent({ samples: 10 }));
  expect(totals.reported).toBe(4);
  expect(totals.with(COUNTED)).toMatchObject({ samples: 13, reported: 4 });
});

test('what is overdue is in the percentiles with what it has waited for, and is no sample', () => {
  const totals = totalsOf(Array.from({ length: 9 }, () => 1_000_000));
  totals.accept(overdueEvent({ waited: 10_000_000_000 }));
  const { samples, sides } = totals.with(COUNTED);
  expect(samples).toBe(9);
  expect(sides).toMatchObject([
    { side: 'beyond', overdue: 1, path: { rtt: { max: 10_000_000_000 } } },
  ]);
  expect(sides[0]?.all.rtt.p99).toBeGreaterThan(9_900_000_000);
});

test('a side where nothing was answered is told, and what is overdue there is in the percentiles of all', () => {
  const totals = totalsOf([1_000_000]);
  totals.accept(overdueEvent({ waited: 10_000_000_000, matchOnEgress: true }));
  const { samples, sides, rtt } = totals.with(COUNTED);
  expect({ samples, max: rtt?.max }).toEqual({ samples: 1, max: 10_000_000_000 });
  expect(sides).toMatchObject([
    { side: 'beyond', samples: 1, overdue: 0 },
    {
      ...{ side: 'behind', samples: 0, overdue: 1 },
      path: { kind: 'all', reported: 0, rtt: { min: 10_000_000_000, max: 10_000_000_000 } },
    },
  ]);
});

test('a flow counts when it opens, not when it closes', () => {
  const totals = new Totals();
  for (const flowId of [1, 2, 3]) totals.accept(flowEvent({ flowId }));
  totals.accept(flowEvent({ flowId: 1, change: 'closing', reason: 'FIN' }));
  expect(totals.with(COUNTED)).toMatchObject({ samples: 0, flows: 3, rtt: undefined });
});

describe('percentiles', () => {
  test('of one sample are that sample', () => {
    expect(percentilesOf([1_201])).toEqual({
      min: 1_201,
      p50: 1_201,
      p90: 1_201,
      p95: 1_201,
      p99: 1_201,
      max: 1_201,
    });
  });

  test('of 1 to 1000 ns are exact', () => {
    const rtts = Array.from({ length: 1_000 }, (_, index) => index + 1);
    expect(percentilesOf(rtts)).toEqual({
      min: 1,
      p50: 500,
      p90: 900,
      p95: 950,
      p99: 990,
      max: 1_000,
    });
  });

  test('are of the RTTs, not of the least or smoothed ones', () => {
    const totals = new Totals();
    totals.accept(rttEvent({ rtt: 900, minRtt: 100, srtt: 500 }));
    expect(totals.with(COUNTED).rtt?.p50).toBe(900);
  });

  test('are within a thousandth of the truth from microseconds to seconds', () => {
    const random = newRandom();
    const rtts = Array.from({ length: 10_001 }, () => 10 ** (3 + random.below(7_000) / 1_000));
    const rounded = rtts.map(Math.round).sort((a, b) => a - b);
    const found = percentilesOf(rounded);
    for (const [name, part] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      const truth = rounded[Math.ceil(part * rounded.length) - 1] ?? Number.NaN;
      const error = Math.abs((found?.[name] ?? Number.NaN) - truth) / truth;
      const seen = { seed: random.seed, name, error, isClose: error <= 0.001 };
      expect(seen).toEqual({ ...seen, isClose: true });
    }
  });
});

describe('the extremes that the decoder lets through', () => {
  test('an RTT of 0, which a coarse clock can give, is a sample too', () => {
    expect(totalsOf([0]).reported).toBe(1);
    expect(percentilesOf([0])?.p50).toBeLessThanOrEqual(1);
  });

  test('the longest RTT is a sample too', () => {
    const found = percentilesOf([Number.MAX_SAFE_INTEGER])?.p50 ?? Number.NaN;
    expect(found / Number.MAX_SAFE_INTEGER).toBeCloseTo(1, 3);
  });
});

test('which RTTs tell the path of a place is decided by pairs of its connections, not by those of a host at two', () => {
  const seenAtOf = (place: number) => ({ capture: undefined, interface: `eth${place}` });
  const totals = new Totals({ seenAtOf });
  const MS = 1_000_000;
  const seen = (place: number, ms: number, answer: 'ack' | 'data') =>
    totals.accept(rttEvent({ flowId: place, place, rtt: ms * MS, answer }));
  for (let count = 0; count < 60; count++) {
    seen(1, 1, 'ack');
    seen(2, 40, 'ack');
    seen(1, 15, 'data');
    seen(2, 41, 'data');
  }
  const kindAt = (place: number) => totals.placeKindOf('beyond', seenAtOf(place));
  expect([kindAt(1), kindAt(2)]).toEqual(['kernel', 'all']);
});
