/** What resolvers have answered, in a line of the summary. */
import type { Counters } from '../core/counters.js';
import type { Distribution } from '../summary/distribution.js';
import type { DnsTotals, RunTotals } from '../summary/totals.js';
import { count, milliseconds, shareText } from '../text/units.js';

/** None where no query was seen. */
export function dnsLines({ dns, counters }: RunTotals): string[] {
  if (!dns) return [];
  const { responses, responseTime } = dns;
  const times = responseTime ? `, ${timesText(responseTime)}` : '';
  const parts = [`DNS: ${count(responses, 'response')}${times}`];
  for (const text of [codesText(dns), queriesText(counters)]) if (text !== '') parts.push(text);
  return [parts.join('; ')];
}

function timesText({ p50, p95, p99 }: Distribution): string {
  return `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`;
}

/** What was no success, the most frequent first. */
function codesText({ responses, rcodes, truncated }: DnsTotals): string {
  const failed = [...rcodes].filter(([rcode]) => rcode !== 'NOERROR').sort(([, a], [, b]) => b - a);
  const all = truncated > 0 ? [...failed, ['truncated', truncated] as const] : failed;
  return all.map(([what, number]) => `${shareText(number / responses)} ${what}`).join(', ');
}

/** Those without a response time. */
function queriesText(counters: Counters): string {
  const { dnsQuery, dnsAnswered, dnsUnanswered, dnsAmbiguous } = counters;
  const texts = [
    [dnsUnanswered, `${dnsUnanswered} not answered`],
    [dnsAmbiguous, `${dnsAmbiguous} answered after being sent again`],
    [dnsQuery - dnsAnswered - dnsUnanswered - dnsAmbiguous, 'waiting'],
  ] as const;
  const told = texts.filter(([number]) => number > 0);
  return told.map(([number, text]) => (text === 'waiting' ? `${number} waiting` : text)).join(', ');
}
