/** Arguments of options -> values. Each throws an Error that says what is wrong. */
import type { Burst } from '../sampling/policy.js';
import { durationText } from '../text/units.js';
import { parseDuration, parseSeconds } from './duration.js';
import { parseSize } from './size.js';

/** More buckets are of no use in a hash map of the kernel; each costs 16 bytes at once. */
const MOST_ENTRIES = 2 ** 26;
/** In the kernel each takes up to 512 bytes, and before Linux 5.19 walks over them end at 4 GiB. */
const MOST_FLOWS = 2 ** 23;
const MOST_RTT_RATE = 10_000_000n;
/** The core counts them in a byte. */
const MOST_IN_BURST = 254;
/** The kernel's own limit (PID_MAX_LIMIT). */
const MOST_PID = 2 ** 22;

export function parsePositiveDuration(text: string): bigint {
  return positive(parseDuration(text));
}

/** A plain number is in seconds. */
export function parsePositiveSeconds(text: string): bigint {
  return positive(parseSeconds(text));
}

/** The core keeps the times of reports for little more than this: bpf/core/reports.h. */
const LONGEST_REPORT_INTERVAL = 3_600_000_000_000n;

export function parseReportInterval(text: string): bigint {
  const interval = parseDuration(text);
  if (interval > LONGEST_REPORT_INTERVAL) {
    throw new Error(`must be at most ${durationText(LONGEST_REPORT_INTERVAL)}`);
  }
  return interval;
}

/** A terminal shows no more, and a reader takes events no more often. */
const LEAST_INTERVAL = 10_000_000n;

export function parseInterval(text: string): bigint {
  return atLeast(LEAST_INTERVAL, parseDuration(text));
}

/** To begin another takes the kernel some hundredths of a second ... */
const LEAST_AGGREGATE_INTERVAL = 100_000_000n;
/** ... and in an hour a bucket of 32 bits does not run over at a million RTTs a second. */
const LONGEST_AGGREGATE_INTERVAL = 3_600_000_000_000n;

export function parseAggregateInterval(text: string): bigint {
  const interval = atLeast(LEAST_AGGREGATE_INTERVAL, parseDuration(text));
  if (interval > LONGEST_AGGREGATE_INTERVAL) {
    throw new Error(`must be at most ${durationText(LONGEST_AGGREGATE_INTERVAL)}`);
  }
  return interval;
}

/** Length of a network. */
export function parseBits(text: string, most: number): number {
  const bits = /^\d{1,3}$/.test(text) ? Number(text) : most + 1;
  if (bits > most) throw new Error(`must be a whole number from 0 to ${most}`);
  return bits;
}

/** The core divides it in two, and counts in milliseconds. */
const LEAST_MIN_WINDOW = 100_000_000n;

export function parseMinWindow(text: string): bigint {
  const window = parseDuration(text);
  return window === 0n ? window : atLeast(LEAST_MIN_WINDOW, window);
}

export function atLeast(least: bigint, duration: bigint): bigint {
  if (duration < least) throw new Error(`must be at least ${durationText(least)}`);
  return duration;
}

export function positive(duration: bigint): bigint {
  if (duration <= 0n) throw new Error('must be longer than 0');
  return duration;
}

export function parseCount(text: string): number {
  const count = atLeastOne(text);
  if (!Number.isSafeInteger(count)) throw new Error(beyond(Number.MAX_SAFE_INTEGER));
  return count;
}

export function beyond(most: number): string {
  return `must be at most ${most}`;
}

export function parsePid(text: string): number {
  const pid = atLeastOne(text);
  if (pid > MOST_PID) throw new Error(`process IDs go up to ${MOST_PID}`);
  return pid;
}

export function parseName(text: string): string {
  if (text === '') throw new Error('must not be empty');
  return text;
}

export function parseEntries(text: string): number {
  return entriesUpTo(MOST_ENTRIES, text);
}

export function parseFlows(text: string): number {
  return entriesUpTo(MOST_FLOWS, text);
}

function entriesUpTo(most: number, text: string): number {
  const entries = atLeastOne(text);
  if (entries > most) throw new Error(beyond(most));
  return entries;
}

/** Each is two dozen lines of a scrape. */
const MOST_SERIES = 10_000;

export function parseSeries(text: string): number {
  const series = atLeastOne(text);
  if (series > MOST_SERIES) throw new Error(beyond(MOST_SERIES));
  return series;
}

/** Some batches have to fit. */
const LEAST_SPOOL = 2 ** 20;

export function parseSpoolSize(text: string): number {
  const size = parseSize(text);
  if (size < LEAST_SPOOL) throw new Error('must be at least 1M');
  return size;
}

/** May exceed the integers that are exact. */
function atLeastOne(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new Error('must be a whole number, at least 1');
  return number;
}

/** A factor such as 1.5 or 0.25, as thousandths. */
export function parseRttRate(text: string): bigint {
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text);
  if (!match?.[1]) {
    throw new Error('not a factor; write for example 1 or 0.25 (at most three decimals)');
  }
  const factor = BigInt(match[1]) * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'));
  if (factor > MOST_RTT_RATE) throw new Error(`must be at most ${MOST_RTT_RATE / 1000n}`);
  return factor;
}

/** `3/4ms`: a number of samples and how long after the first. */
export function parseBurst(text: string): Burst {
  const [countText = '', durationPart, ...rest] = text.split('/');
  const count = /^\d+$/.test(countText) ? Number(countText) : 0;
  if (durationPart === undefined || rest.length > 0 || count < 2 || count > MOST_IN_BURST) {
    throw new Error(
      `not a burst; write for example 3/4ms: up to 3 samples within 4ms (2 to ${MOST_IN_BURST} samples)`,
    );
  }
  return { count, duration: positive(parseDuration(durationPart)) };
}
