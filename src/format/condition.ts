/** A condition that has come true, for people. */
import { type ConditionWatch, isRttMetric } from '../summary/condition.js';
import { count, durationText } from '../text/units.js';

export function conditionText({ condition, considered }: ConditionWatch): string {
  const { metric, text, window } = condition;
  if (!isRttMetric(metric)) return `${text} is true`;
  const of = window === undefined ? '' : ` of the last ${durationText(BigInt(window))}`;
  return `${text} is true of ${count(considered, 'RTT')}${of}`;
}
