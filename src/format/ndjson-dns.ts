/** Of a query of DNS, the fields after those of its ends. */
import type { DnsEvent, DnsQuestion } from '../events/types.js';
import { asciiJson } from '../text/ascii.js';

export function dnsFields(event: DnsEvent): string {
  const { queryId, responseTime, waited, rcode, truncated, matchOnEgress, question } = event;
  const side = matchOnEgress === undefined ? '' : `,"match_on_egress":${matchOnEgress}`;
  const what =
    responseTime === undefined
      ? `,"waited":${waited}`
      : `,"response_time":${responseTime},"rcode":"${rcode}"`;
  return `"query_id":${queryId}${what}${truncated ? ',"truncated":true' : ''}${side}${questionFields(question)}`;
}

function questionFields(question: DnsQuestion | undefined): string {
  if (!question) return '';
  return `,"query_name":${asciiJson(question.name)},"query_type":"${question.type}"`;
}
