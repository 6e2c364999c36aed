/** What a run may be ended by: `p99 > 50 ms`. Exact at every sample, for a few additions each. */

import { type Carried, ShareWindow } from './share-window.js';

/** Which of n sorted RTTs each is, in percent (nearest rank). */
const RANKS = { min: 0, p50: 50, median: 50, p90: 90, p99: 99, max: 100 } as const;

export const RTT_METRICS = Object.keys(RANKS) as readonly RttMetric[];
export const COUNT_METRICS = ['samples', 'loss'] as const;
/** Of the bytes that were sent, those sent again. */
export const SHARE_METRICS = ['retrans'] as const;

export type RttMetric = keyof typeof RANKS;
export type CountMetric = (typeof COUNT_METRICS)[number];
export type ShareMetric = (typeof SHARE_METRICS)[number];
export type Operator = '>' | '>=' | '<' | '<=';

export interface Condition {
  readonly metric: RttMetric | CountMetric | ShareMetric;
  readonly operator: Operator;
  /** Nanoseconds for RTTs, a part of 1 for shares, else a number. */
  readonly value: number;
  /** Only the RTTs, or bytes, of this many nanoseconds before the last one count; undefined: all. */
  readonly window: number | undefined;
  /** As it was written. */
  readonly text: string;
}

/** Fewer say nothing. */
export const LEAST_SAMPLES = 20;
const SLICES = 10;

/** RTTs in a slice of time, and those of them that are not beyond the value. */
interface Slice {
  readonly number: number;
  all: number;
  within: number;
}

export class ConditionWatch {
  readonly condition: Condition;
  readonly #sliceLength: number;
  readonly #share: ShareWindow;
  #slices: Slice[] = [];
  #all = 0;
  #within = 0;
  #isMet = false;

  constructor(condition: Condition) {
    this.condition = condition;
    this.#sliceLength = (condition.window ?? Number.POSITIVE_INFINITY) / SLICES;
    this.#share = new ShareWindow(condition.window);
  }

  /** Once it has come true it stays so. */
  get isMet(): boolean {
    return this.#isMet;
  }

  /** How many RTTs that was about; of a share, bytes. */
  get considered(): number {
    return isShareMetric(this.condition.metric) ? this.#share.bytes : this.#all;
  }

  /** @param time in nanoseconds, only to be compared with others */
  acceptRtt(rtt: number, time: number): void {
    const { metric, operator, value } = this.condition;
    if (this.#isMet || !isRttMetric(metric)) return;
    const isWithin = operator === '>' || operator === '<=' ? rtt <= value : rtt < value;
    this.#count(isWithin, time);
    if (this.#all < LEAST_SAMPLES) return;
    const rank = Math.max(1, Math.ceil((RANKS[metric] * this.#all) / 100));
    // Of the sorted RTTs the first `within` are within the value: is the wanted one among them?
    const isRankWithin = this.#within >= rank;
    this.#isMet = operator.startsWith('<') ? isRankWithin : !isRankWithin;
  }

  acceptCount(metric: CountMetric, count: number): void {
    const { condition } = this;
    if (metric === condition.metric && compare(count, condition)) this.#isMet = true;
  }

  /** What all connections have carried until now. */
  acceptCarried(carried: Carried): void {
    if (this.#isMet || !isShareMetric(this.condition.metric)) return;
    const share = this.#share.take(carried);
    if (share !== undefined && compare(share, this.condition)) this.#isMet = true;
  }

  #count(isWithin: boolean, time: number): void {
    const number = this.condition.window === undefined ? 0 : Math.floor(time / this.#sliceLength);
    let slice = this.#slices.at(-1);
    // The clock was set back: nothing before can be compared with what comes.
    if (slice && number < slice.number - SLICES) slice = this.#forgetAll();
    if (!slice || slice.number < number) {
      slice = { number, all: 0, within: 0 };
      this.#slices.push(slice);
      this.#forgetBefore(number - SLICES + 1);
    }
    slice.all++;
    this.#all++;
    if (!isWithin) return;
    slice.within++;
    this.#within++;
  }

  #forgetAll(): undefined {
    this.#slices = [];
    this.#all = 0;
    this.#within = 0;
  }

  #forgetBefore(number: number): void {
    for (let oldest = this.#slices[0]; oldest && oldest.number < number; oldest = this.#slices[0]) {
      this.#all -= oldest.all;
      this.#within -= oldest.within;
      this.#slices.shift();
    }
  }
}

export function isRttMetric(metric: Condition['metric']): metric is RttMetric {
  return metric in RANKS;
}

export function isShareMetric(metric: Condition['metric']): metric is ShareMetric {
  return SHARE_METRICS.some((each) => each === metric);
}

function compare(count: number, { operator, value }: Condition): boolean {
  if (operator === '>') return count > value;
  if (operator === '>=') return count >= value;
  return operator === '<' ? count < value : count <= value;
}
