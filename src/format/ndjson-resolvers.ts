/** Figures of DNS as fields of NDJSON: of a summary, of resolvers in it, and of intervals. */
import type { DnsFigures } from '../summary/dns.js';
import type { DnsIntervalFigures } from '../summary/dns-intervals.js';
import type { Resolver, ResolverRanking } from '../summary/resolvers.js';
import type { DnsTotals } from '../summary/run-totals.js';
import { addressText } from '../text/address.js';
import { dnsCodeFields } from './dns-codes.js';
import { distributionFields } from './ndjson-distribution.js';
import { seenAtFields } from './seen-at.js';

/** Of the whole run. */
export function dnsTotalsFields(dns: DnsTotals): string {
  return `${dnsFiguresFields(dns)}${resolversFields(dns.resolvers)}`;
}

/** Of an interval, by the names that the summary has for the same of the whole run. */
export function dnsIntervalFields(length: bigint, figures: DnsIntervalFigures): string {
  const { side, resolver, place, resolvers, places } = figures;
  return (
    `"interval":${length},"side":"${side}","protocol":"DNS",` +
    (resolver ? `${resolverFields(resolver)},` : '') +
    (place ? seenAtFields(place.seenAt) : '') +
    (resolvers ? `"resolver_count":${resolvers.size},` : '') +
    (places ? `"places":${places.size},` : '') +
    dnsFiguresFields(figures)
  );
}

/** None where no query was told by itself: the core, which has counted them, does not know who was asked. */
function resolversFields({ most, size }: ResolverRanking): string {
  if (size === 0) return '';
  const objects = most.map(
    (each) => `{"side":"${each.side}",${resolverFields(each)},${dnsFiguresFields(each)}}`,
  );
  return `,"resolver_count":${size},"resolvers":[${objects.join(',')}]`;
}

/** By the names that objects of type dns have. */
function resolverFields({ address, port, ipVersion }: Omit<Resolver, 'side'>): string {
  return `"src_ip":"${addressText(address, ipVersion)}","src_port":${port}`;
}

function dnsFiguresFields(figures: DnsFigures): string {
  const { responses, unanswered, responseTime } = figures;
  const numbers = `"queries":${responses + unanswered},"responses":${responses},"unanswered":${unanswered}`;
  const times = responseTime ? `,${distributionFields(responseTime, 'response_time_')}` : '';
  return `${numbers}${dnsCodeFields(figures)}${times}`;
}
