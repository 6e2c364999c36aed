/** Resolvers that were asked in a run, with their response times. */
import type { DnsRecord } from './records.js';
import type { ResolverFacts, ResponseTimes } from './run-facts.js';

/** By these a resolver has done what was asked (src/summary/dns.ts). */
const ANSWERS: ReadonlySet<string> = new Set(['NOERROR', 'NXDOMAIN']);

interface Asked extends Pick<ResolverFacts, 'address' | 'port' | 'side'> {
  unanswered: number;
  failed: number;
  readonly times: number[];
}

export class Resolvers {
  readonly #byName = new Map<string, Asked>();
  #queries = 0;

  take({ peer: address, port, side, responseTime, rcode }: DnsRecord): void {
    const key = `${side} ${port} ${address}`;
    const asked = this.#byName.get(key) ?? {
      address,
      port,
      side,
      unanswered: 0,
      failed: 0,
      times: [],
    };
    this.#byName.set(key, asked);
    this.#queries++;
    if (responseTime === undefined) asked.unanswered++;
    else asked.times.push(responseTime);
    if (rcode !== undefined && !ANSWERS.has(rcode)) asked.failed++;
  }

  /** Those that are over. */
  get queries(): number {
    return this.#queries;
  }

  /** In the order in which they came. */
  get all(): ResolverFacts[] {
    return Array.from(this.#byName.values(), ({ times, ...asked }) => ({
      ...asked,
      queries: times.length + asked.unanswered,
      times: times.length > 0 ? timesOf(Float64Array.from(times).sort()) : undefined,
    }));
  }
}

/** @param sorted ascending, at least one */
function timesOf(sorted: Float64Array): ResponseTimes {
  const rank = (percent: number) =>
    sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] as number;
  return { least: rank(0), median: rank(50), p99: rank(99), most: rank(100) };
}
