/** Whether a condition has come true. Exact at every sample, for a few additions each. */
import {
  type Condition,
  type CountMetric,
  compare,
  isRttMetric,
  isShareMetric,
  leastSamplesFor,
  type RttMetric,
  rankOf,
} from './condition.js';
import { RttWindow } from './rtt-window.js';
import { type Carried, ShareWindow } from './share-window.js';

/** Why a condition on RTTs was never judged: they did not last for its window, or were too few. */
export type Unjudged = 'window' | 'few';

export class ConditionWatch {
  readonly condition: Condition;
  readonly #rtts: RttWindow;
  readonly #share: ShareWindow;
  /** Since when it has been true, where it has to be for a while. */
  #since: number | undefined;
  #value = Number.NaN;
  #most = 0;
  #wasWhole = false;
  #isMet = false;

  constructor(condition: Condition) {
    this.condition = condition;
    const { operator, value, window } = condition;
    const includes = operator === '>' || operator === '<=';
    this.#rtts = new RttWindow(window, (rtt) => (includes ? rtt <= value : rtt < value));
    this.#share = new ShareWindow(window);
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
    return isShareMetric(this.condition.metric) ? this.#share.bytes : this.#rtts.all;
  }

  /** The most RTTs that were ever considered. */
  get most(): number {
    return this.#most;
  }

  /** Undefined where it was judged at least once, or is not about RTTs. */
  get unjudged(): Unjudged | undefined {
    const { metric, window } = this.condition;
    if (!isRttMetric(metric)) return undefined;
    if (window !== undefined && !this.#wasWhole) return 'window';
    return this.#most < leastSamplesFor(metric) ? 'few' : undefined;
  }

  /** @param time in nanoseconds, only to be compared with others */
  acceptRtt(rtt: number, time: number): void {
    const { metric } = this.condition;
    if (this.#isMet || !isRttMetric(metric)) return;
    this.#rtts.accept(rtt, time);
    if (!this.#rtts.isWhole) return;
    this.#wasWhole = true;
    if (this.#rtts.all > this.#most) this.#most = this.#rtts.all;
    if (this.#hold(this.#isTrue(metric), time)) this.#meet(this.#rtts.percentile(rankOf(metric)));
  }

  acceptCount(metric: CountMetric, count: number): void {
    const { condition } = this;
    if (!this.#isMet && metric === condition.metric && compare(count, condition)) this.#meet(count);
  }

  /** What all connections have carried until now. */
  acceptCarried(carried: Carried): void {
    if (this.#isMet || !isShareMetric(this.condition.metric)) return;
    const share = this.#share.take(carried);
    const isTrue = share !== undefined && this.#share.isWhole && compare(share, this.condition);
    if (this.#hold(isTrue, carried.time)) this.#meet(share as number);
  }

  #isTrue(metric: RttMetric): boolean {
    const { all, within } = this.#rtts;
    if (all < leastSamplesFor(metric)) return false;
    // Of the sorted RTTs the first `within` are within the value: is the wanted one among them?
    const isRankWithin = within >= Math.max(1, Math.ceil((rankOf(metric) * all) / 100));
    return this.condition.operator.startsWith('<') ? isRankWithin : !isRankWithin;
  }

  /** Whether it has been true for long enough. */
  #hold(isTrue: boolean, time: number): boolean {
    if (!isTrue) this.#since = undefined;
    // A clock that was set back begins it anew.
    else if (this.#since === undefined || time < this.#since) this.#since = time;
    return this.#since !== undefined && time - this.#since >= (this.condition.hold ?? 0);
  }

  #meet(value: number): void {
    this.#isMet = true;
    this.#value = value;
  }
}
