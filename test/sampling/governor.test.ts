import { describe, expect, test } from '@jest/globals';
import { newRandom } from '../../lab/random.js';
import { Governor } from '../../src/sampling/governor.js';
import { DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';

const MS = 1_000_000n;
const SECOND = 1_000n * MS;
const CAPACITY = { flows: 1_000, timestamps: 1_000 };

function governorOf(settings: Partial<Settings> = {}): Governor {
  return new Governor({ ...DEFAULT_SETTINGS, ...settings }, CAPACITY);
}

/** Of sweeps so far apart that each shows the whole effect of the step before. */
let now = 0n;
const sweep = (governor: Governor, flows: number, timestamps: number) => {
  now += 60n * SECOND;
  return governor.observe({ flows, timestamps }, now);
};

/** One sweep after the other that leaves so many timestamps. @returns the steps, in short */
function timestamps(governor: Governor, ...entries: readonly number[]): string[] {
  return entries.flatMap((each) =>
    sweep(governor, 0, each).map(({ map, step }) => `${map} ${step}`),
  );
}

const times = <Value>(count: number, value: Value): Value[] => Array(count).fill(value);

/** The rates that each sweep with a full timestamp map leads to, until nothing changes. */
function ratesUnderPressure(settings: Partial<Settings>): bigint[] {
  const governor = governorOf(settings);
  return times(40, 1_000).flatMap((full) =>
    sweep(governor, 0, full).map((step) => step.settings.rate),
  );
}

describe('a timestamp map above 75 %', () => {
  test('doubles the sampling interval, once a sweep', () => {
    const governor = governorOf();
    const [step] = sweep(governor, 0, 751);
    const settings = { ...DEFAULT_SETTINGS, rate: 200n * MS, spread: true };
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
    expect(rates).toHaveLength(9);
    expect(rates.slice(-2)).toEqual([25_600n * MS, 51_200n * MS]);
  });

  test('turns "every identifier" into 1 ms first', () => {
    expect(ratesUnderPressure({ rate: 0n }).slice(0, 3)).toEqual([1n * MS, 2n * MS, 4n * MS]);
    expect(ratesUnderPressure({ rate: 0n }).at(-1)).toBe(32_768n * MS);
  });

  test.each([31n, 60n, 600n])('changes nothing where %d s were asked for', (seconds) => {
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

  test('is not stepped again before the longer interval has shown its effect', () => {
    const governor = governorOf({ rate: SECOND });
    const full = { flows: 0, timestamps: 1_000 };
    const at = (seconds: number) => governor.observe(full, BigInt(seconds) * SECOND).length;
    // 1 s becomes 2 s, then 4 s, then 8 s.
    expect([1, 2, 3, 4, 6, 7, 8, 14, 15].map(at)).toEqual([1, 0, 1, 0, 0, 1, 0, 0, 1]);
    expect(governor.settings.rate).toBe(16n * SECOND);
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

test('after a step back that holds, the next one need not wait for long', () => {
  const governor = governorOf();
  timestamps(governor, 900, 900, 900);
  timestamps(governor, ...times(5, 0), 900, ...times(10, 0), 900);
  expect(governor.settings.rate).toBe(800n * MS);
  expect(timestamps(governor, ...times(20, 0))).toEqual(['timestamps down']);
  expect(timestamps(governor, ...times(5, 0))).toEqual(['timestamps down']);
  expect(timestamps(governor, ...times(5, 0))).toEqual(['timestamps down']);
  expect(governor.settings).toEqual(DEFAULT_SETTINGS);
});

describe('a flow map', () => {
  const flows = (governor: Governor, ...entries: readonly number[]) =>
    entries.flatMap((each) => sweep(governor, each, 0).map(({ settings }) => settings.flowTimeout));

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

test('both maps are governed at once; bursts give way, too, and nothing else is touched', () => {
  const asked = { ...DEFAULT_SETTINGS, reportInterval: 7n, burst: { count: 2, duration: 3n } };
  const governor = new Governor(asked, CAPACITY);
  expect(sweep(governor, 999, 999).map(({ map }) => map)).toEqual(['timestamps', 'flows']);
  const { burst: _, ...others } = asked;
  expect(governor.settings).toEqual({
    ...others,
    burst: undefined,
    rate: 200n * MS,
    spread: true,
    flowTimeout: 75n * SECOND,
  });
});

test('whatever happened, calm brings back exactly what was asked for', () => {
  const random = newRandom();
  const { seed } = random;
  for (let round = 0; round < 50; round++) {
    const rate = BigInt(random.below(3)) * BigInt(random.below(100)) * MS;
    const asked = { ...DEFAULT_SETTINGS, rate, rttRate: BigInt(random.below(3) * 700) };
    const governor = new Governor(asked, CAPACITY);
    for (let i = 0; i < 200; i++) {
      sweep(governor, random.below(1_001), random.below(1_001));
      const { rate, flowTimeout } = governor.settings;
      const isWithin = rate >= asked.rate && rate <= 60n * SECOND;
      const isShorter = flowTimeout <= asked.flowTimeout && flowTimeout >= 10n * MS;
      expect({ seed, isWithin, isShorter }).toEqual({ seed, isWithin: true, isShorter: true });
    }
    for (let i = 0; i < 80 * 18; i++) sweep(governor, 0, 0);
    expect({ seed, settings: governor.settings }).toEqual({ seed, settings: asked });
  }
});
