/** Durations as people type them, in exact nanoseconds. */

const UNITS = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
} as const;

/** A century, so that sums of a few stay far below 2^63 ns. */
const LONGEST = 100n * 365n * 24n * UNITS.h;

/** `100ms`, `1.5s`, `0`. Throws an Error that says what is wrong. */
export function parseDuration(text: string): bigint {
  if (text === '0') return 0n;
  const match = /^(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h)?$/.exec(text);
  if (!match?.[1]) {
    throw new Error(
      `${JSON.stringify(text)} is not a duration; write for example 100ms (units: ns us ms s m h)`,
    );
  }
  const [, whole, fraction = '', unit] = match;
  if (unit === undefined) {
    throw new Error(
      `a duration needs a unit, such as ${text}ms or ${text}s (units: ns us ms s m h)`,
    );
  }
  const nanoseconds = scale(whole, fraction, UNITS[unit as keyof typeof UNITS]);
  // 0 is often something else: no limit.
  if (nanoseconds === 0n && /[1-9]/.test(text)) {
    throw new Error(`${text} is shorter than a nanosecond`);
  }
  if (nanoseconds > LONGEST) throw new Error(`${text} is longer than a century`);
  return nanoseconds;
}

/** Like parseDuration, but a bare number is in seconds. */
export function parseSeconds(text: string): bigint {
  return parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
}

/** whole.fraction x unit; digits below a nanosecond are cut. */
function scale(whole: string, fraction: string, unit: bigint): bigint {
  const digits = fraction.slice(0, 12);
  return BigInt(whole) * unit + (BigInt(digits || '0') * unit) / 10n ** BigInt(digits.length);
}
