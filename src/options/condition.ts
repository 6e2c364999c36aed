/** `--until` as people write it. */
import { UsageError } from '../faults.js';
import {
  COUNT_METRICS,
  type Condition,
  DNS_PREFIX,
  DNS_SHARE_METRICS,
  isDnsShareMetric,
  isRttMetric,
  isShareMetric,
  type Operator,
  RTT_METRICS,
  SHARE_METRICS,
} from '../summary/condition.js';
import { durationText } from '../text/units.js';
import { beyond, positive } from './arguments.js';
import { parseDuration } from './duration.js';

const METRICS = [...RTT_METRICS, ...COUNT_METRICS, ...SHARE_METRICS];
/** For people. */
export const METRICS_TEXT = `${METRICS.join(', ')}; with --protocol dns also dns-p99 and so on, ${DNS_SHARE_METRICS.join(', ')}`;
/** Also with a space before the unit. */
const DURATION = String.raw`[\w.]+(?:\s+(?:ns|us|ms|s|m|h)\b)?`;
const FORM = new RegExp(
  String.raw`^\s*([a-z][\w-]*)\s*(>=|<=|>|<)\s*(${DURATION}|[\w.]+\s*%)(?:\s*/\s*(${DURATION}))?(?:\s+for\s+(${DURATION}))?\s*$`,
);
/** As it was called before. */
const OLD_NAMES: Readonly<Record<string, string>> = { loss: 'events-lost' };

/** `p99>50ms`, `median<=2ms/10s for 30s`, `samples>=1000`, `retrans>2%/10s`. Throws an Error that says what is wrong. */
export function parseCondition(text: string): Condition {
  const [, name = '', operator, ...spans] = FORM.exec(text) ?? [];
  const [value, window, hold] = spans.map((each: string | undefined) => each?.replace(/\s/g, ''));
  if (name === 'loss' && value?.endsWith('%')) throw new Error(noLossRate(text));
  const { metric, isOfDns } = metricOf(OLD_NAMES[name] ?? name);
  if (!metric || !operator || value === undefined) {
    throw new Error(`not a condition; write for example p99>50ms; metrics: ${METRICS_TEXT}`);
  }
  if (COUNT_METRICS.some((each) => each === metric) && (window ?? hold) !== undefined) {
    const useless = window === undefined ? `for ${hold}` : `/${window}`;
    throw new Error(`${metric} are counted from the start of the run: leave out "${useless}"`);
  }
  const condition = {
    metric,
    isOfDns,
    operator: operator as Operator,
    value: parseValue(metric, value),
    window: parseSpan(window),
    hold: parseSpan(hold),
    text: text.trim(),
  };
  if (isNeverTrue(condition)) throw new Error('can never be true');
  return condition;
}

/** `dns-p99` is the p99 of response times. Without a metric where there is none of this name. */
function metricOf(name: string): { metric: Condition['metric'] | undefined; isOfDns?: boolean } {
  const share = DNS_SHARE_METRICS.find((metric) => metric === name);
  if (share) return { metric: share, isOfDns: true };
  if (!name.startsWith(DNS_PREFIX)) return { metric: METRICS.find((metric) => metric === name) };
  const quantile = name.slice(DNS_PREFIX.length);
  return { metric: RTT_METRICS.find((metric) => metric === quantile), isOfDns: true };
}

/** @param duration of the run, in ns. Throws a UsageError where it is over before one could come true. */
export function refuseUnjudged(until: readonly Condition[], duration: bigint | undefined): void {
  if (duration === undefined) return;
  const isTooLong = ({ window = 0, hold = 0 }: Condition) => window + hold > duration;
  const condition = until.find(isTooLong);
  if (!condition) return;
  const seconds = durationText(duration);
  throw new UsageError(`--until '${condition.text}' cannot come true within -s ${seconds}`);
}

/**
 * Throws a UsageError where RTTs and queries are counted in intervals, and one is to be judged over a part of one.
 * @param interval in ns; undefined where they are reported one by one
 */
export function refuseUneven(until: readonly Condition[], interval: bigint | undefined): void {
  if (interval === undefined) return;
  const isUneven = (span = 0) => BigInt(span) % interval !== 0n;
  const counted = until.filter(({ metric, isOfDns }) => isRttMetric(metric) || isOfDns);
  const condition = counted.find(({ window, hold }) => isUneven(window) || isUneven(hold));
  if (!condition) return;
  const length = durationText(interval);
  throw new UsageError(
    `--until '${condition.text}' is judged once per interval: with --aggregate ${length} its durations must be multiples of ${length}, unless --events is given`,
  );
}

/** No metric is below 0, and no share above all. */
function isNeverTrue({ metric, operator, value }: Condition): boolean {
  if (operator === '<') return value === 0;
  return operator === '>' && isShare(metric) && value === 1;
}

function noLossRate(text: string): string {
  const instead = text.trim().replace('loss', 'retrans');
  return `pping sees retransmissions, not losses: write ${JSON.stringify(instead)} (events-lost counts what pping itself lost)`;
}

function parseSpan(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(exact(positive(parseDuration(text))));
}

function parseValue(metric: Condition['metric'], text: string): number {
  if (isRttMetric(metric)) return Number(exact(parseDuration(text)));
  return isShare(metric) ? parseShare(text) : parseNumber(text);
}

function isShare(metric: Condition['metric']): boolean {
  return isShareMetric(metric) || isDnsShareMetric(metric);
}

/** Percent, as a part of 1. */
function parseShare(text: string): number {
  if (!/^\d+(\.\d+)?%$/.test(text)) {
    throw new Error(`${JSON.stringify(text)} is not a percentage; write for example 2%`);
  }
  const percent = Number(text.slice(0, -1));
  if (percent > 100) throw new Error('must be at most 100%');
  return percent / 100;
}

/** RTTs and times are numbers: beyond 104 days they have no nanoseconds. */
function exact(duration: bigint): bigint {
  if (duration > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('must be at most 104 days');
  return duration;
}

function parseNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a number`);
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error(beyond(Number.MAX_SAFE_INTEGER));
  return number;
}
