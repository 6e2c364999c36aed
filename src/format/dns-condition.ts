/** Conditions on DNS, for people: one that has come true, and one that never could. */
import { isRttMetric, LEAST_SAMPLES, leastSamplesFor } from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { count, milliseconds } from '../text/units.js';

/** What it was, and of how many: `dns-p99 was 251.234 ms over 136 response times`. */
export function dnsMetText({ condition: { metric }, considered, value }: ConditionWatch): string {
  if (isRttMetric(metric)) {
    return `dns-${metric} was ${milliseconds(value)} over ${count(considered, 'response time')}`;
  }
  return `${metric} was ${(100 * value).toFixed(1)} % of ${queries(considered)}`;
}

/** Why it could not come true, of each reason. @param times for how long there was something, or enough */
export function dnsReasonOf(
  { condition: { metric }, most, unjudged }: ConditionWatch,
  times: { readonly seen: string; readonly judged: string; readonly within: string },
): string | undefined {
  const word = isRttMetric(metric) ? 'DNS response times' : 'DNS queries';
  const least = isRttMetric(metric) ? leastSamplesFor(metric) : LEAST_SAMPLES;
  switch (unjudged) {
    case undefined:
      return undefined;
    case 'none':
      return `there were no ${word}`;
    case 'window':
      return `${word} were seen for only ${times.seen}`;
    case 'few':
      return `it needs ${least} ${word}${times.within}, but there were at most ${most}`;
    case 'hold':
      return `there were enough ${word} for only ${times.judged}`;
  }
}

function queries(number: number): string {
  return number === 1 ? '1 query' : `${number} queries`;
}
