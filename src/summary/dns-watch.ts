/**
 * Whether a condition on DNS has come true: on response times, or on how many queries were not answered, or failed. Of
 * queries that are told one by one at each; of those that the core counts at the end of each interval.
 */
import type { DnsEvent } from '../events/types.js';
import { type Condition, compare, LEAST_SAMPLES } from './condition.js';
import { ConditionWatch, type Unjudged } from './condition-watch.js';
import type { CountedQueries } from './counted-queries.js';
import { isFailure } from './dns.js';
import { QueryWindow } from './query-window.js';
import { Streak } from './streak.js';

/** It is told of queries, and of no RTT. */
export interface DnsWatch {
  acceptQuery(event: DnsEvent): void;
  /** Instead, what the core has counted. */
  acceptCounted(interval: CountedQueries): void;
}

export function isDnsWatch(watch: object): watch is DnsWatch {
  return 'acceptQuery' in watch;
}

/** Response times are judged as RTTs are, by themselves. What has none is not among them. */
export class DnsTimeWatch extends ConditionWatch implements DnsWatch {
  acceptQuery({ responseTime, timestamp }: DnsEvent): void {
    if (responseTime !== undefined) this.acceptRtt(responseTime, Number(timestamp));
  }

  acceptCounted({ begin, end, times }: CountedQueries): void {
    this.acceptInterval({ begin, end, rtts: times });
  }
}

/** Of all queries that are over, those that were not answered; or by a code such as SERVFAIL. */
export class DnsShareWatch extends ConditionWatch implements DnsWatch {
  readonly #queries: QueryWindow;
  /** It has to be true for a while. */
  readonly #truth = new Streak();
  /** In which there was enough to judge. */
  readonly #judged = new Streak();
  /** In which there were queries. */
  readonly #seen = new Streak();
  #value = Number.NaN;
  #most = 0;
  #wasThere = false;
  #wasWhole = false;
  #isOver = false;

  constructor(condition: Condition) {
    super(condition);
    this.#queries = new QueryWindow(condition.window);
  }

  override get isMet(): boolean {
    return this.#isOver;
  }

  override get value(): number {
    return this.#value;
  }

  override get considered(): number {
    return this.#queries.all;
  }

  override get most(): number {
    return this.#most;
  }

  override get seenFor(): number {
    return this.#seen.longest;
  }

  override get judgedFor(): number {
    return this.#judged.longest;
  }

  override get unjudged(): Unjudged | undefined {
    const { hold = 0 } = this.condition;
    if (!this.#wasThere) return 'none';
    if (!this.#wasWhole) return 'window';
    if (this.#most < LEAST_SAMPLES) return 'few';
    return this.judgedFor < hold ? 'hold' : undefined;
  }

  acceptQuery(event: DnsEvent): void {
    if (this.#isOver) return;
    const time = Number(event.timestamp);
    this.#queries.accept(isCounted(this.condition, event), time);
    this.#see(time);
    this.#judge(time);
  }

  acceptCounted(interval: CountedQueries): void {
    if (this.#isOver) return;
    const { begin, end, queries: all, unanswered, failed } = interval;
    const counted = this.condition.metric === 'dns-unanswered' ? unanswered : failed;
    this.#queries.acceptCounts({ begin, end, all, counted });
    if (all > 0) {
      this.#see(begin);
      this.#see(end);
    }
    this.#judge(end);
  }

  #see(time: number): void {
    this.#wasThere = true;
    this.#seen.extend(true, time);
  }

  #judge(time: number): void {
    const { all, share, isWhole } = this.#queries;
    if (isWhole) {
      this.#wasWhole = true;
      this.#most = Math.max(this.#most, all);
    }
    const canJudge = isWhole && all >= LEAST_SAMPLES;
    this.#judged.extend(canJudge, time);
    const lasted = this.#truth.extend(canJudge && compare(share, this.condition), time);
    if (lasted >= (this.condition.hold ?? 0)) this.#meet(share);
  }

  #meet(share: number): void {
    this.#isOver = true;
    this.#value = share;
  }
}

function isCounted({ metric }: Condition, { responseTime, rcode }: DnsEvent): boolean {
  if (metric === 'dns-unanswered') return responseTime === undefined;
  return rcode !== undefined && isFailure(rcode);
}
