/** Conditions, for people: one that has come true, and one that never could. */
import { isRttMetric, isShareMetric, leastSamplesFor } from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { byteCount, count, durationText, milliseconds } from '../text/units.js';

/** `p99 was 51.234 ms over 136 RTTs of the last 10s` */
export function metText({ condition, considered, value }: ConditionWatch): string {
  const { metric, window, hold } = condition;
  if (metric === 'samples') return count(value, 'sample');
  if (metric === 'events-lost') return `${count(value, 'event')} lost`;
  const isShare = isShareMetric(metric);
  const of = window === undefined ? '' : ` of the last ${durationText(BigInt(window))}`;
  const over = isShare ? byteCount(considered) : count(considered, 'RTT');
  const held = hold === undefined ? '' : `, for ${durationText(BigInt(hold))}`;
  const what = isShare ? `${(100 * value).toFixed(1)}%` : milliseconds(value);
  return `${metric} was ${what} over ${over}${of}${held}`;
}

/** Why it never came true; undefined where it might have. */
export function unjudgedText({ condition, unjudged, most }: ConditionWatch): string | undefined {
  const { metric, text, window } = condition;
  if (unjudged === undefined || !isRttMetric(metric)) return undefined;
  const within = window === undefined ? '' : ` within ${durationText(BigInt(window))}`;
  if (unjudged === 'window')
    return `${text} was not judged: there were not RTTs for as long as that`;
  return `${text} was not judged: it takes ${leastSamplesFor(metric)} RTTs${within}, and there were at most ${most}`;
}
