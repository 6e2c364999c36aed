/** Response times of DNS that the core has counted, as JSON; docs/ndjson.md has the fields. */
import type { DnsAggregateFigures } from '../summary/dns-aggregates.js';
import { bucketsField, ownerField, whoFields } from './ndjson-aggregates.js';
import { distributionFields } from './ndjson-distribution.js';

/** In the order of their codes; all others are counted together. */
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** The fields after those that every object has. */
export function dnsAggregateFields(length: bigint, figures: DnsAggregateFigures): string {
  const { side, responses, unanswered, ambiguous, truncated, rcodes } = figures;
  const { sum, responseTime } = figures;
  return (
    `"interval":${length},"side":"${side}","protocol":"DNS",${whoFields(figures)}` +
    `"responses":${responses},"unanswered":${unanswered},"ambiguous":${ambiguous}` +
    `${rcodeFields(rcodes)},"truncated_responses":${truncated}` +
    ownerField(figures) +
    (responseTime
      ? `,"response_time_sum":${sum},${distributionFields(responseTime, 'response_time_')}`
      : '') +
    bucketsField(figures)
  );
}

/** All of them, so that a table can have a column of each. */
function rcodeFields(rcodes: ReadonlyMap<string, number>): string {
  const told = RCODES.map((rcode) => [rcode.toLowerCase(), rcodes.get(rcode) ?? 0] as const);
  const rest = [...rcodes].filter(([rcode]) => !RCODES.includes(rcode));
  const other = rest.reduce((sum, [, number]) => sum + number, 0);
  const all = [...told, ['other_rcodes', other] as const];
  return all.map(([name, number]) => `,"${name}":${number}`).join('');
}
