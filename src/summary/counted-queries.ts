/** What the core has counted of queries of DNS in an interval, for conditions. Times in ns, only to be compared. */
import type { DnsAggregate } from '../events/aggregate.js';
import { recordBuckets } from './buckets.js';
import { newCount } from './counted-window.js';
import { failedIn } from './dns.js';
import type { Histogram } from './histogram.js';

/** From one time to another. */
export interface CountedQueries {
  readonly begin: number;
  readonly end: number;
  /** Response times. */
  readonly times: Histogram;
  /** Those that are over: answered, or no longer waited for. */
  readonly queries: number;
  readonly unanswered: number;
  /** Responses by a code such as SERVFAIL. */
  readonly failed: number;
}

/** All resolvers together. */
export function countedQueries(
  aggregates: readonly DnsAggregate[],
  { begin, end }: Pick<CountedQueries, 'begin' | 'end'>,
): CountedQueries {
  const times = newCount();
  let [queries, unanswered, failed] = [0, 0, 0];
  for (const aggregate of aggregates) {
    recordBuckets(times, aggregate);
    queries += aggregate.reported + aggregate.unanswered;
    unanswered += aggregate.unanswered;
    failed += failedIn(aggregate.rcodes);
  }
  return { begin, end, times, queries, unanswered, failed };
}
