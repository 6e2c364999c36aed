/** The kernel's clocks, to the nanosecond. */
import { checkErrno } from './errors.js';
import { libc } from './ffi.js';

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_MONOTONIC_COARSE = 6;

const TIMESPEC_BYTES = 16;

/** The reading that took least is the best of so many. */
const READINGS = 5;

/** The two clocks, in nanoseconds. */
export interface Clocks {
  /** bpf_ktime_get_ns, of which events have their times. */
  monotonic(): bigint;
  epoch(): bigint;
}

const KERNEL: Clocks = {
  monotonic: () => now(CLOCK_MONOTONIC),
  epoch: () => now(CLOCK_REALTIME),
};

/**
 * What to add to a time of the monotonic clock to have nanoseconds since the epoch. It changes when the
 * system clock is set, or after suspend, and then by a step: what slews the one clock slews the other. So
 * it is kept for as long as readings allow it, whatever they would say by themselves: on a loaded machine
 * that varies by many microseconds, and times would go back.
 */
export class EpochOffset {
  readonly #clocks: Clocks;
  #offset: bigint | undefined;

  constructor(clocks = KERNEL) {
    this.#clocks = clocks;
  }

  /** Asks again: the clock may have been set. Good to the few microseconds that a reading takes, and better with time. */
  read(): bigint {
    const { least, most } = this.#narrowest();
    const known = this.#offset ?? (least + most) / 2n;
    this.#offset = known < least ? least : known > most ? most : known;
    return this.#offset;
  }

  #narrowest(): Bounds {
    const readings = Array.from({ length: READINGS }, () => readBounds(this.#clocks));
    return readings.reduce((best, next) => (widthOf(next) < widthOf(best) ? next : best));
  }
}

/** Between which the offset is. */
interface Bounds {
  readonly least: bigint;
  readonly most: bigint;
}

function readBounds({ monotonic, epoch }: Clocks): Bounds {
  const before = monotonic();
  const between = epoch();
  return { least: between - monotonic(), most: between - before };
}

function widthOf({ least, most }: Bounds): bigint {
  return most - least;
}

/** The kernel's timer tick in nanoseconds, which is what this clock's resolution is (1 / HZ). */
export function tickLength(): bigint {
  const length = Buffer.alloc(TIMESPEC_BYTES);
  checkErrno('query the timer tick', libc.clock_getres(CLOCK_MONOTONIC_COARSE, length));
  return nanoseconds(length);
}

function now(clock: number): bigint {
  const time = Buffer.alloc(TIMESPEC_BYTES);
  checkErrno('read the clock', libc.clock_gettime(clock, time));
  return nanoseconds(time);
}

function nanoseconds(timespec: Buffer): bigint {
  return timespec.readBigInt64LE(0) * 1_000_000_000n + timespec.readBigInt64LE(8);
}
