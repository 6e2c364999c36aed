/**
 * Whether a condition has come true. Of RTTs that are told one by one exact at every sample, for a few additions each;
 * of those that the core counts at the end of each interval.
 */
import type { Protocol } from '../events/names.js';
import {
  type Condition,
  type CountMetric,
  compare,
  isRttMetric,
  isShareMetric,
  leastSamplesFor,
  type RttMetric,
  rankOf,
  type ShareMetric,
} from './condition.js';
import { type CountedInterval, CountedWindow } from './counted-window.js';
import { LEAST_SHARED_BYTES } from './resent.js';
import { RttWindow } from './rtt-window.js';
import { type Carried, ShareWindow } from './share-window.js';
import { Streak } from './streak.js';

/**
 * Why a condition could not come true: what it is about was not there, did not last for its window, was too
 * little, or was enough for less than its hold.
 */
export type Unjudged = 'none' | 'window' | 'few' | 'hold';

export class ConditionWatch {
  readonly condition: Condition;
  readonly #rtts: RttWindow;
  /** Instead of them, where the core has counted RTTs. */
  readonly #counted: CountedWindow;
  readonly #share: ShareWindow;
  /** It has to be true for a while. */
  readonly #truth = new Streak();
  /** In which there was enough to judge. */
  readonly #judged = new Streak();
  /** In which there were RTTs. */
  readonly #seen = new Streak();
  #value = Number.NaN;
  #most = 0;
  #wasThere = false;
  #wasWhole = false;
  #isMet = false;

  constructor(condition: Condition) {
    this.condition = condition;
    const { operator, value, window } = condition;
    const includes = operator === '>' || operator === '<=';
    this.#rtts = new RttWindow(window, (rtt) => (includes ? rtt <= value : rtt < value));
    this.#counted = new CountedWindow(window);
    this.#share = new ShareWindow(window);
  }

  /** That it is about; undefined where protocols are not told apart. */
  get protocol(): Protocol | undefined {
    return undefined;
  }

  /** Once it has come true it stays so. */
  get isMet(): boolean {
    return this.#isMet;
  }

  /** What its metric was when it came true: ns, a part of 1, or a number. */
  get value(): number {
    return this.#value;
  }

  /** How many RTTs that was about; of a share, bytes. */
  get considered(): number {
    return isShareMetric(this.condition.metric)
      ? this.#share.bytes
      : this.#rtts.all + this.#counted.all;
  }

  /** The most RTTs, or bytes, that were ever considered. */
  get most(): number {
    return this.#most;
  }

  /** For how many nanoseconds RTTs have come. */
  get seenFor(): number {
    return this.#seen.longest;
  }

  /** For how many nanoseconds on end there was enough to judge it. */
  get judgedFor(): number {
    return this.#judged.longest;
  }

  /** Undefined where it could have come true. */
  get unjudged(): Unjudged | undefined {
    const { metric, window, hold = 0 } = this.condition;
    if (!isRttMetric(metric) && !isShareMetric(metric)) return undefined;
    if (!this.#wasThere) return 'none';
    if (window !== undefined && !this.#wasWhole) return 'window';
    if (this.#most < leastFor(metric)) return 'few';
    return this.judgedFor < hold ? 'hold' : undefined;
  }

  /**
   * @param time in nanoseconds, only to be compared with others
   * @param _protocol that it was measured by
   */
  acceptRtt(rtt: number, time: number, _protocol?: Protocol): void {
    const { metric } = this.condition;
    if (this.#isMet || !isRttMetric(metric)) return;
    this.#wasThere = true;
    this.#rtts.accept(rtt, time);
    this.#seen.extend(true, time);
    const canJudge = this.#canJudge(leastSamplesFor(metric), this.#rtts);
    if (this.#hold(canJudge, canJudge && this.#isTrue(metric), time))
      this.#meet(this.#rtts.percentile(rankOf(metric)));
  }

  /** What the core has counted: it is judged at the end of each interval. */
  acceptInterval(interval: CountedInterval, _protocol?: Protocol): void {
    const { condition } = this;
    const { metric } = condition;
    if (this.#isMet || !isRttMetric(metric)) return;
    const { begin, end, rtts } = interval;
    this.#counted.accept(interval);
    if (rtts.total > 0) {
      this.#wasThere = true;
      this.#seen.extend(true, begin);
      this.#seen.extend(true, end);
    }
    const canJudge = this.#canJudge(leastSamplesFor(metric), this.#counted);
    const value = canJudge ? this.#counted.percentile(rankOf(metric)) : Number.NaN;
    if (this.#hold(canJudge, compare(value, condition), end)) this.#meet(value);
  }

  acceptCount(metric: CountMetric, count: number): void {
    const { condition } = this;
    if (!this.#isMet && metric === condition.metric && compare(count, condition)) this.#meet(count);
  }

  /** What all connections have carried until now. */
  acceptCarried(carried: Carried): void {
    if (this.#isMet || !isShareMetric(this.condition.metric)) return;
    const share = this.#share.take(carried);
    if (carried.bytes > 0) this.#wasThere = true;
    const { isWhole, bytes } = this.#share;
    const canJudge = this.#canJudge(LEAST_SHARED_BYTES, { isWhole, all: bytes });
    const isTrue = share !== undefined && canJudge && compare(share, this.condition);
    if (this.#hold(canJudge, isTrue, carried.time)) this.#meet(share as number);
  }

  #canJudge(least: number, { isWhole, all }: Pick<RttWindow, 'isWhole' | 'all'>): boolean {
    if (!isWhole) return false;
    this.#wasWhole = true;
    if (all > this.#most) this.#most = all;
    return all >= least;
  }

  #isTrue(metric: RttMetric): boolean {
    const { all, within } = this.#rtts;
    // Of the sorted RTTs the first `within` are within the value: is the wanted one among them?
    const isRankWithin = within >= Math.max(1, Math.ceil((rankOf(metric) * all) / 100));
    return this.condition.operator.startsWith('<') ? isRankWithin : !isRankWithin;
  }

  /** Whether it has been true for long enough. */
  #hold(canJudge: boolean, isTrue: boolean, time: number): boolean {
    this.#judged.extend(canJudge, time);
    return this.#truth.extend(isTrue, time) >= (this.condition.hold ?? 0);
  }

  #meet(value: number): void {
    this.#isMet = true;
    this.#value = value;
  }
}

function leastFor(metric: RttMetric | ShareMetric): number {
  return isShareMetric(metric) ? LEAST_SHARED_BYTES : leastSamplesFor(metric);
}
