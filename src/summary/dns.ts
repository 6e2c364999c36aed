/** What resolvers have answered, and how long that took. */
import type { DnsEvent } from '../events/types.js';
import { recordBuckets } from './buckets.js';
import type { DnsAggregateFigures } from './dns-aggregates.js';
import { Histogram } from './histogram.js';

export class DnsRecord {
  /** Response times, in ns. */
  readonly times = new Histogram();
  /** Responses by their code. */
  readonly rcodes = new Map<string, number>();
  truncated = 0;

  /** What was not answered the core counts. */
  accept({ responseTime, rcode, truncated }: DnsEvent): void {
    if (responseTime === undefined || rcode === undefined) return;
    this.times.record(responseTime);
    this.rcodes.set(rcode, (this.rcodes.get(rcode) ?? 0) + 1);
    if (truncated) this.truncated++;
  }

  /** What the core has counted, and not told one by one. */
  acceptAggregated(figures: DnsAggregateFigures): void {
    const { responses: reported, responseTime, buckets, rcodes, truncated } = figures;
    if (!responseTime) return;
    const { min: least, max: most } = responseTime;
    recordBuckets(this.times, { reported, buckets, least, most });
    for (const [rcode, count] of rcodes) {
      this.rcodes.set(rcode, (this.rcodes.get(rcode) ?? 0) + count);
    }
    this.truncated += truncated;
  }
}
