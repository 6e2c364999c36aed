/** What a run may be ended by, and with which exit code. */
import { conditionText } from '../format/condition.js';
import type { RunOptions } from '../options/options.js';
import { notify } from '../stdio/notify.js';
import { ConditionWatch } from '../summary/condition.js';

/** What --until has waited for has happened. */
const EXIT_CONDITION = 10;

/** What may end the run, each watched by itself. */
export function conditionsOf({ until }: RunOptions): readonly ConditionWatch[] {
  return until.map((condition) => new ConditionWatch(condition));
}

/** Says which condition has come true, if one has. @returns the exit code */
export function outcomeOf(conditions: readonly ConditionWatch[]): number {
  const met = conditions.find(({ isMet }) => isMet);
  if (!met) return 0;
  notify(`ended: ${conditionText(met)}`);
  return EXIT_CONDITION;
}
