import { describe, expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { type Clocks, EpochOffset } from '../../src/libbpf/clock.js';

const MICROSECOND = 1_000n;
const HOUR = 3_600_000_000_000n;
const TRUE_OFFSET = 1_700_000_000_000_000_000n;
/** What a call takes on a machine at rest; a reading takes two from clock to clock. */
const CALL = 200n;

/** Clocks of which each call takes as long as is told, before it looks at the clock. */
class FakeClocks implements Clocks {
  offset = TRUE_OFFSET;
  #now = 5_000_000_000n;

  constructor(public nextCall: () => bigint) {}

  monotonic = (): bigint => {
    this.#now += this.nextCall();
    return this.#now;
  };

  epoch = (): bigint => this.monotonic() + this.offset;
}

describe('the offset of the epoch', () => {
  test('stays on a loaded machine, where readings take many microseconds', () => {
    const random = new Random(5);
    const clocks = new FakeClocks(() => CALL);
    const offset = new EpochOffset(clocks);
    const first = offset.read();
    clocks.nextCall = () => CALL + BigInt(random.below(20_000));
    const loaded = Array.from({ length: 1_000 }, () => offset.read());
    clocks.nextCall = () => CALL;
    expect(first).toBe(TRUE_OFFSET);
    expect(new Set([...loaded, offset.read()])).toEqual(new Set([first]));
  });

  test('found on a loaded machine, comes nearer to the truth and never leaves it', () => {
    const random = new Random(7);
    const clocks = new FakeClocks(() => CALL + BigInt(random.below(20_000)));
    const offset = new EpochOffset(clocks);
    const errors = Array.from({ length: 1_000 }, () => offset.read() - TRUE_OFFSET);
    const sizes = errors.map((error) => (error < 0n ? -error : error));
    expect(sizes[0]).toBeGreaterThan(MICROSECOND);
    expect(sizes).toEqual([...sizes].sort((a, b) => Number(b - a)));
    // From one side: a time that was given out is not taken back and forth.
    expect(new Set(errors.filter((error) => error !== 0n).map((error) => error > 0n)).size).toBe(1);
    expect(sizes.at(-1)).toBeLessThan(MICROSECOND);
  });

  test.each([
    ['an hour forth', HOUR],
    ['an hour back', -HOUR],
    ['by little', 3n * MICROSECOND],
  ])('follows the clock when it is set, %s', (_, step) => {
    const clocks = new FakeClocks(() => CALL);
    const offset = new EpochOffset(clocks);
    offset.read();
    clocks.offset += step;
    const error = offset.read() - clocks.offset;
    expect(error).toBeGreaterThanOrEqual(-CALL);
    expect(error).toBeLessThanOrEqual(CALL);
  });

  test('of the kernel is that of its clocks', () => {
    const offset = new EpochOffset();
    const [before, now, after] = [Date.now(), process.hrtime.bigint(), Date.now()];
    const epochMs = Number((now + offset.read()) / 1_000_000n);
    expect(epochMs).toBeGreaterThanOrEqual(before - 1);
    expect(epochMs).toBeLessThanOrEqual(after + 1);
  });
});
