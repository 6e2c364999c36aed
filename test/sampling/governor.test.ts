import { describe, expect, test } from '@jest/globals';
import { Governor } from '../../src/sampling/governor.js';
import { DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';
import { newRandom } from '../helpers/random.js';

const MS = 1_000_000n;
const SECOND = 1_000n * MS;
const CAPACITY = { flows: 1_000, timestamps: 1_000 };

function governorOf(settings: Partial<Settings> = {}): Governor {
  return new Governor({ ...DEFAULT_SETTINGS, ...settings }, CAPACITY);
}

/** One sweep after the other that leaves so many timestamps. @returns the steps, in short */
function timestamps(governor: Governor, ...entries: readonly number[]): string[] {
  return entries.flatMap((each) =>
    governor.observe({ flows: 0, timestamps: each }).map(({ map, step }) => `${map} ${step}`),
  );
}

const times = <Value>(count: number, value: Value): Value[] => Array(count).fill(value);

/** The rates that each sweep with a full timestamp map leads to, until nothing changes. */
function ratesUnderPressure(settings: Partial<Settings>): bigint[] {
  const governor = governorOf(settings);
  return times(40, 1_000).flatMap((full) =>
    governor.observe({ flows: 0, timestamps: full }).map((step) => step.settings.rate),
  );
}

describe('a timestamp map above 75 %', () => {
  test('doubles the sampling interval, once a sweep', () => {
    const governor = governorOf();
    const [step] = governor.observe({ flows: 0, timestamps: 751 });
    const settings = { ...DEFAULT_SETTINGS, rate: 200n * MS };
    expect(step).toEqual({
      map: 'timestamps',
      step: 'up',
      entries: 751,
      maxEntries: 1_000,
      settings,
    });
    expect(governor.settings).toEqual(settings);
  });

  test('up to 60 s, and then says no more', () => {
    const rates = ratesUnderPressure({ rate: 100n * MS });
    expect(rates).toHaveLength(10);
    expect(rates.slice(-3)).toEqual([25_600n * MS, 51_200n * MS, 60n * SECOND]);
  });

  test('turns "every identifier" into 1 ms first', () => {
    expect(ratesUnderPressure({ rate: 0n }).slice(0, 3)).toEqual([1n * MS, 2n * MS, 4n * MS]);
    expect(ratesUnderPressure({ rate: 0n }).at(-1)).toBe(60n * SECOND);
  });

  test.each([60n, 61n, 600n])('changes nothing where %d s were asked for', (seconds) => {
    expect(ratesUnderPressure({ rate: seconds * SECOND })).toEqual([]);
  });

  test('doubles the factor of --rtt-rate, too, as far as the kernel can multiply', () => {
    const governor = governorOf({ rate: 60n * SECOND, rttRate: 1_500n });
    expect(timestamps(governor, 1_000, 1_000)).toEqual(['timestamps up', 'timestamps up']);
    expect(governor.settings).toMatchObject({ rate: 60n * SECOND, rttRate: 6_000n });
    timestamps(governor, ...times(40, 1_000));
    expect(governor.settings.rttRate).toBe(100_000_000n);
  });

  test.each([750, 500, 0])('is not one with %d of 1000', (entries) => {
    expect(timestamps(governorOf(), ...times(30, entries))).toEqual([]);
  });

  test('is left alone while it empties by more than 5 % a sweep', () => {
    const governor = governorOf();
    expect(timestamps(governor, 1_000)).toHaveLength(1);
    expect(timestamps(governor, 940, 880, 820, 760)).toEqual([]);
    expect(timestamps(governor, 755)).toEqual(['timestamps up']);
  });
});

describe('a timestamp map below 50 %', () => {
  test('for 5 sweeps in a row halves the interval, down to what was asked for', () => {
    const governor = governorOf();
    timestamps(governor, 900, 900);
    expect(timestamps(governor, ...times(4, 499))).toEqual([]);
    expect(timestamps(governor, 499)).toEqual(['timestamps down']);
    expect(governor.settings.rate).toBe(200n * MS);
    expect(timestamps(governor, ...times(5, 0))).toEqual(['timestamps down']);
    expect(governor.settings).toEqual(DEFAULT_SETTINGS);
    expect(timestamps(governor, ...times(50, 0))).toEqual([]);
  });

  test('but for one sweep begins to count anew', () => {
    const governor = governorOf();
    timestamps(governor, 900);
    expect(timestamps(governor, ...times(4, 0), 500, ...times(4, 0))).toEqual([]);
    expect(timestamps(governor, 0)).toEqual(['timestamps down']);
  });

  test('is waited for longer after a step back that was too early', () => {
    const governor = governorOf();
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      timestamps(governor, 900);
      let sweeps = 1;
      while (timestamps(governor, 0).length === 0) sweeps++;
      waits.push(sweeps);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 80, 80]);
    // Calm for that long without anything to step back: forgiven.
    timestamps(governor, ...times(80, 0), 900);
    expect(timestamps(governor, ...times(5, 0))).toEqual(['timestamps down']);
  });
});

describe('a flow map', () => {
  const flows = (governor: Governor, ...entries: readonly number[]) =>
    entries.flatMap((each) =>
      governor.observe({ flows: each, timestamps: 0 }).map(({ settings }) => settings.flowTimeout),
    );

  test('above 75 % has flows forgotten after a quarter of the time, down to 10 ms', () => {
    expect(flows(governorOf(), ...times(20, 1_000))).toEqual(
      [75_000n, 18_750n, 4_687n, 1_171n, 292n, 73n, 18n, 10n].map((ms) => ms * MS),
    );
  });

  test('below 50 % goes the same way back', () => {
    const governor = governorOf();
    flows(governor, 800, 800);
    expect(flows(governor, ...times(10, 499))).toEqual([75n * SECOND, 300n * SECOND]);
    expect(governor.settings).toEqual(DEFAULT_SETTINGS);
  });

  test('leaves a shorter timeout alone', () => {
    expect(flows(governorOf({ flowTimeout: 5n * MS }), ...times(20, 1_000))).toEqual([]);
  });
});

test('both maps are governed at once, and nothing else is touched', () => {
  const asked = { ...DEFAULT_SETTINGS, reportInterval: 7n, burst: { count: 2, duration: 3n } };
  const governor = new Governor(asked, CAPACITY);
  expect(governor.observe({ flows: 999, timestamps: 999 }).map(({ map }) => map)).toEqual([
    'timestamps',
    'flows',
  ]);
  expect(governor.settings).toEqual({ ...asked, rate: 200n * MS, flowTimeout: 75n * SECOND });
});

test('whatever happened, calm brings back exactly what was asked for', () => {
  const random = newRandom();
  const { seed } = random;
  for (let round = 0; round < 50; round++) {
    const rate = BigInt(random.below(3)) * BigInt(random.below(100)) * MS;
    const asked = { ...DEFAULT_SETTINGS, rate, rttRate: BigInt(random.below(3) * 700) };
    const governor = new Governor(asked, CAPACITY);
    for (let sweep = 0; sweep < 200; sweep++) {
      governor.observe({ flows: random.below(1_001), timestamps: random.below(1_001) });
      const { rate, flowTimeout } = governor.settings;
      const isWithin = rate >= asked.rate && rate <= 60n * SECOND;
      const isShorter = flowTimeout <= asked.flowTimeout && flowTimeout >= 10n * MS;
      expect({ seed, isWithin, isShorter }).toEqual({ seed, isWithin: true, isShorter: true });
    }
    for (let sweep = 0; sweep < 80 * 18; sweep++) governor.observe({ flows: 0, timestamps: 0 });
    expect({ seed, settings: governor.settings }).toEqual({ seed, settings: asked });
  }
});
