/** What a run may be ended by: `p99 > 50 ms`. */

/** Which of n sorted RTTs each is, in percent (nearest rank). */
const RANKS = { min: 0, p50: 50, median: 50, p90: 90, p99: 99, max: 100 } as const;

export const RTT_METRICS = Object.keys(RANKS) as readonly RttMetric[];
export const COUNT_METRICS = ['samples', 'events-lost'] as const;
/** Of the bytes that were sent, those sent again. */
export const SHARE_METRICS = ['retrans'] as const;

/** Of the queries of DNS, those that were not answered; those that were by a code such as SERVFAIL. */
export const DNS_SHARE_METRICS = ['dns-unanswered', 'dns-failed'] as const;
/** Before the name of a metric of RTTs: the same of response times. */
export const DNS_PREFIX = 'dns-';

export type RttMetric = keyof typeof RANKS;
export type CountMetric = (typeof COUNT_METRICS)[number];
export type ShareMetric = (typeof SHARE_METRICS)[number];
export type DnsShareMetric = (typeof DNS_SHARE_METRICS)[number];
export type Operator = '>' | '>=' | '<' | '<=';

export interface Condition {
  readonly metric: RttMetric | CountMetric | ShareMetric | DnsShareMetric;
  /** Of response times of DNS, or queries, and no RTTs. */
  readonly isOfDns?: boolean | undefined;
  readonly operator: Operator;
  /** Nanoseconds for RTTs, a part of 1 for shares, else a number. */
  readonly value: number;
  /** Only the RTTs, or bytes, of this many nanoseconds before the last one count; undefined: all. */
  readonly window: number | undefined;
  /** So many nanoseconds it has to be true without a break; undefined: once is enough. */
  readonly hold: number | undefined;
  /** As it was written. */
  readonly text: string;
}

/** Fewer RTTs say nothing ... */
export const LEAST_SAMPLES = 20;
/** ... and of fewer the 99th percentile is the worst or nearly so: one outlier. */
export const LEAST_FOR_P99 = 100;

export function leastSamplesFor(metric: RttMetric): number {
  return metric === 'p99' ? LEAST_FOR_P99 : LEAST_SAMPLES;
}

/** In percent. */
export function rankOf(metric: RttMetric): number {
  return RANKS[metric];
}

export function isRttMetric(metric: Condition['metric']): metric is RttMetric {
  return metric in RANKS;
}

export function isShareMetric(metric: Condition['metric']): metric is ShareMetric {
  return SHARE_METRICS.some((each) => each === metric);
}

export function isDnsShareMetric(metric: Condition['metric']): metric is DnsShareMetric {
  return DNS_SHARE_METRICS.some((each) => each === metric);
}

export function compare(count: number, { operator, value }: Condition): boolean {
  if (operator === '>') return count > value;
  if (operator === '>=') return count >= value;
  return operator === '<' ? count < value : count <= value;
}
