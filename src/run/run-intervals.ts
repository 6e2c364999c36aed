/** What is gathered in each interval of a run: RTTs, and response times of DNS, in figures of their own. */
import type { KernelEvent } from '../events/types.js';
import type { Notice } from '../format/formatter.js';
import type { DnsIntervals } from '../summary/dns-intervals.js';
import type { Intervals } from '../summary/intervals.js';
import type { Consumer } from './consumer.js';

export class RunIntervals implements Consumer {
  readonly #rtts: Intervals | undefined;
  readonly #dns: DnsIntervals | undefined;

  /** @param rtts undefined where there are none, @param dns likewise */
  constructor(rtts: Intervals | undefined, dns: DnsIntervals | undefined) {
    this.#rtts = rtts;
    this.#dns = dns;
  }

  accept(event: KernelEvent): void {
    this.#rtts?.accept(event);
    this.#dns?.accept(event);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.#rtts?.refreshAll();
  }

  /** Whether there is nothing since the last take(). */
  get isEmpty(): boolean {
    return (this.#rtts?.isEmpty ?? true) && (this.#dns?.isEmpty ?? true);
  }

  /** What there was since the last time, and begins anew. @param times when the interval ended, and its length */
  take(times: { readonly timestamp: bigint; readonly length: bigint }): Notice[] {
    const rtts = this.#rtts?.take() ?? [];
    const dns = this.#dns?.take() ?? [];
    return [
      ...rtts.map((figures) => ({ type: 'interval', ...times, figures }) as const),
      ...dns.map((figures) => ({ type: 'dns_interval', ...times, figures }) as const),
    ];
  }
}
