/** Response times of DNS that the core has counted, as JSON; docs/ndjson.md has the fields. */
import type { DnsAggregateFigures } from '../summary/dns-aggregates.js';
import { dnsCodeFields } from './dns-codes.js';
import { bucketsField, ownerField, whoFields } from './ndjson-aggregates.js';
import { distributionFields } from './ndjson-distribution.js';

/** The fields after those that every object has. */
export function dnsAggregateFields(length: bigint, figures: DnsAggregateFigures): string {
  const { side, responses, unanswered, ambiguous, sum, responseTime } = figures;
  return (
    `"interval":${length},"side":"${side}","protocol":"DNS",${whoFields(figures)}` +
    `"responses":${responses},"unanswered":${unanswered},"ambiguous":${ambiguous}` +
    dnsCodeFields(figures) +
    ownerField(figures) +
    (responseTime
      ? `,"response_time_sum":${sum},${distributionFields(responseTime, 'response_time_')}`
      : '') +
    bucketsField(figures)
  );
}
