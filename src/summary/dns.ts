/** What resolvers have answered, and how long that took. */
import type { DnsEvent } from '../events/types.js';
import { recordBuckets } from './buckets.js';
import { type Distribution, distributionOf } from './distribution.js';
import type { DnsAggregateFigures } from './dns-aggregates.js';
import { Histogram } from './histogram.js';

/** In no figure of RTTs. Durations in nanoseconds. */
export interface DnsFigures {
  readonly responses: number;
  /** Queries that nothing has answered, and that are no longer waited for; in none of the times. */
  readonly unanswered: number;
  /** Undefined where nothing has answered. */
  readonly responseTime: Distribution | undefined;
  /** Responses by their code, those that there are any of. */
  readonly rcodes: ReadonlyMap<string, number>;
  readonly truncated: number;
}

export class DnsRecord {
  /** Response times, in ns. */
  readonly times: Histogram;
  /** Responses by their code. */
  readonly rcodes = new Map<string, number>();
  truncated = 0;
  unanswered = 0;

  /** @param partBits as of a Histogram */
  constructor(partBits?: number) {
    this.times = new Histogram(partBits);
  }

  accept({ responseTime, rcode, truncated }: DnsEvent): void {
    if (responseTime === undefined || rcode === undefined) {
      this.unanswered++;
      return;
    }
    this.times.record(responseTime);
    this.rcodes.set(rcode, (this.rcodes.get(rcode) ?? 0) + 1);
    if (truncated) this.truncated++;
  }

  /** What the core has counted, and not told one by one. */
  acceptAggregated(figures: DnsAggregateFigures): void {
    const { responses: reported, responseTime, buckets, rcodes, truncated } = figures;
    this.unanswered += figures.unanswered;
    if (!responseTime) return;
    const { min: least, max: most } = responseTime;
    recordBuckets(this.times, { reported, buckets, least, most });
    for (const [rcode, count] of rcodes) {
      this.rcodes.set(rcode, (this.rcodes.get(rcode) ?? 0) + count);
    }
    this.truncated += truncated;
  }

  /** Those that are over: answered, or no longer waited for. */
  get queries(): number {
    return this.times.total + this.unanswered;
  }

  figures(): DnsFigures {
    const { times, rcodes, truncated, unanswered } = this;
    const responses = times.total;
    const responseTime = responses > 0 ? distributionOf(times) : undefined;
    return { responses, unanswered, responseTime, rcodes, truncated };
  }
}

/** By these a resolver has done what was asked: that a name does not exist is an answer, too. */
const ANSWERS: ReadonlySet<string> = new Set(['NOERROR', 'NXDOMAIN']);

/** Of codes by which a resolver has not (SERVFAIL, REFUSED and others) how many responses had each; the most frequent first. */
export function failuresIn(rcodes: DnsFigures['rcodes']): (readonly [string, number])[] {
  return [...rcodes].filter(([rcode]) => isFailure(rcode)).sort(([, a], [, b]) => b - a);
}

/** How many responses had such a code. */
export function failedIn(rcodes: DnsFigures['rcodes']): number {
  return failuresIn(rcodes).reduce((sum, [, number]) => sum + number, 0);
}

export function isFailure(rcode: string): boolean {
  return !ANSWERS.has(rcode);
}
