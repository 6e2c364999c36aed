/** What a run may be ended by, and with which exit code. */
import { metText, tooFewYetText, unjudgedText } from '../format/condition.js';
import type { RunOptions } from '../options/options.js';
import { notify } from '../stdio/notify.js';
import { type Condition, isRttMetric } from '../summary/condition.js';
import { ConditionWatch } from '../summary/condition-watch.js';
import { DnsShareWatch, DnsTimeWatch } from '../summary/dns-watch.js';
import { ProtocolWatch } from '../summary/protocol-watch.js';

/** What --until has waited for has happened. */
const EXIT_CONDITION = 10;

/** What may end the run, each watched by itself. */
export function conditionsOf({
  until,
  measured,
}: Pick<RunOptions, 'until' | 'measured'>): readonly ConditionWatch[] {
  return until.map((condition) => watchOf(condition, measured.areProtocolsTold));
}

function watchOf(condition: Condition, areProtocolsTold: boolean): ConditionWatch {
  const isOfTimes = isRttMetric(condition.metric);
  if (condition.isOfDns) {
    return isOfTimes ? new DnsTimeWatch(condition) : new DnsShareWatch(condition);
  }
  return areProtocolsTold && isOfTimes
    ? new ProtocolWatch(condition)
    : new ConditionWatch(condition);
}

/** Says which condition has come true, or could not. @returns the exit code */
export function outcomeOf(conditions: readonly ConditionWatch[]): number {
  const met = conditions.find(({ isMet }) => isMet);
  if (met) {
    notify(`ended: ${metText(met)}`);
    return EXIT_CONDITION;
  }
  for (const condition of conditions) {
    const text = unjudgedText(condition);
    if (text !== undefined) notify(text);
  }
  return 0;
}

/** Whoever waits for a condition is told, once, if there was too little in its first window. */
export class FirstWindows {
  #open: readonly ConditionWatch[];

  /** @param conditions with and without a window */
  constructor(conditions: readonly ConditionWatch[]) {
    this.#open = conditions.filter(({ condition }) => condition.window !== undefined);
  }

  /** @returns what is to be told, a line each */
  look(): string[] {
    const isOpen = ({ unjudged }: ConditionWatch) => unjudged === 'none' || unjudged === 'window';
    const over = this.#open.filter((watch) => !isOpen(watch));
    this.#open = this.#open.filter(isOpen);
    return over.map(tooFewYetText).filter((text) => text !== undefined);
  }
}
