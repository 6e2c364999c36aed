/** What resolvers have answered, and how long that took. */
import type { DnsEvent } from '../events/types.js';
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
}
