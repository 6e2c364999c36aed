/** A condition that has come true, for people. */
import { type ConditionWatch, isRttMetric, isShareMetric } from '../summary/condition.js';
import { byteCount, count, durationText } from '../text/units.js';

export function conditionText({ condition, considered }: ConditionWatch): string {
  const { metric, text, window } = condition;
  if (!isRttMetric(metric) && !isShareMetric(metric)) return `${text} is true`;
  const of = window === undefined ? '' : ` of the last ${durationText(BigInt(window))}`;
  const what = isShareMetric(metric) ? byteCount(considered) : count(considered, 'RTT');
  return `${text} is true of ${what}${of}`;
}
