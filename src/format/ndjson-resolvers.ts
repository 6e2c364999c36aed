/** Figures of DNS as fields of NDJSON: of a summary, of resolvers in it, and of intervals. */
import type { DnsFigures } from '../summary/dns.js';
import type { DnsIntervalFigures } from '../summary/dns-intervals.js';
import type { Resolver, ResolverRanking } from '../summary/resolvers.js';
import type { DnsTotals } from '../summary/totals.js';
import { addressText } from '../text/address.js';
import { distributionFields } from './ndjson-distribution.js';
import { seenAtFields } from './seen-at.js';

/** Of the whole run. What was not answered is among the counters. */
export function dnsTotalsFields(dns: DnsTotals): string {
  return `"responses":${dns.responses}${answerFields(dns)}${resolversFields(dns.resolvers)}`;
}

/** Of some of the queries. */
export function dnsFiguresFields(figures: DnsFigures): string {
  const { responses, unanswered } = figures;
  const numbers = `"queries":${responses + unanswered},"responses":${responses}`;
  return `${numbers},"unanswered":${unanswered}${answerFields(figures)}`;
}

/** Of an interval, by the names that the summary has for the same of the whole run. */
export function dnsIntervalFields(length: bigint, figures: DnsIntervalFigures): string {
  const { side, resolver, place, resolvers, places } = figures;
  return (
    `"interval":${length},"side":"${side}",` +
    (resolver ? `${resolverFields(resolver)},` : '') +
    (place ? seenAtFields(place.seenAt) : '') +
    (resolvers ? `"resolver_count":${resolvers.size},` : '') +
    (places ? `"places":${places.size},` : '') +
    dnsFiguresFields(figures)
  );
}

/** By the names that objects of type dns have. */
export function resolverFields({ address, port, ipVersion }: Omit<Resolver, 'side'>): string {
  return `"src_ip":"${addressText(address, ipVersion)}","src_port":${port}`;
}

type Answers = Pick<DnsFigures, 'responseTime' | 'truncated' | 'rcodes'>;

function answerFields({ responseTime, truncated, rcodes }: Answers): string {
  const times = responseTime ? `,${distributionFields(responseTime, 'response_time_')}` : '';
  return `${times},"truncated":${truncated},"rcodes":${JSON.stringify(Object.fromEntries(rcodes))}`;
}

function resolversFields({ most, size }: ResolverRanking): string {
  const objects = most.map(
    (each) => `{"side":"${each.side}",${resolverFields(each)},${dnsFiguresFields(each)}}`,
  );
  return `,"resolver_count":${size},"resolvers":[${objects.join(',')}]`;
}
