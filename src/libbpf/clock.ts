/** The kernel's clocks, to the nanosecond. */
import { checkErrno } from './errors.js';
import { libc } from './ffi.js';

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_MONOTONIC_COARSE = 6;

const TIMESPEC_BYTES = 16;

/** The reading that took least is the best of so many. */
const READINGS = 5;

/**
 * What to add to a time of the monotonic clock (bpf_ktime_get_ns) to have
 * nanoseconds since the epoch. Ask again now and then: the system clock may be
 * stepped or slewed. Good to the few microseconds that a reading takes.
 */
export function epochOffset(): bigint {
  let best = readOffset();
  for (let reading = 1; reading < READINGS; reading++) {
    const next = readOffset();
    if (next.took < best.took) best = next;
  }
  return best.offset;
}

/** The kernel's timer tick in nanoseconds, which is what this clock's resolution is (1 / HZ). */
export function tickLength(): bigint {
  const length = Buffer.alloc(TIMESPEC_BYTES);
  checkErrno('ask for the timer tick', libc.clock_getres(CLOCK_MONOTONIC_COARSE, length));
  return nanoseconds(length);
}

function readOffset(): { took: bigint; offset: bigint } {
  const before = now(CLOCK_MONOTONIC);
  const epoch = now(CLOCK_REALTIME);
  const after = now(CLOCK_MONOTONIC);
  return { took: after - before, offset: epoch - (before + after) / 2n };
}

function now(clock: number): bigint {
  const time = Buffer.alloc(TIMESPEC_BYTES);
  checkErrno('read the clock', libc.clock_gettime(clock, time));
  return nanoseconds(time);
}

function nanoseconds(timespec: Buffer): bigint {
  return timespec.readBigInt64LE(0) * 1_000_000_000n + timespec.readBigInt64LE(8);
}
