/** What resolvers have answered, in a line of the summary. */
import type { Counters } from '../core/counters.js';
import type { Distribution } from '../summary/distribution.js';
import type { DnsTotals, RunTotals } from '../summary/run-totals.js';
import { count, sharePhrase, significant } from '../text/units.js';
import { rcodeText } from './dns-codes.js';

/** As in the tables below it. */
const QUANTILES = ['p50', 'p90', 'p99'] as const satisfies (keyof Distribution)[];
const NS_PER_MS = 1e6;

/** None where no query was seen, unless DNS is all that was measured. */
export function dnsLines({ dns, counters, isDnsAlone }: RunTotals): string[] {
  if (!dns) return isDnsAlone ? [`DNS: ${count(0, 'response')}`] : [];
  const { responses, responseTime } = dns;
  const times = responseTime ? `, ${timesText(responseTime)}` : '';
  const parts = [`DNS: ${count(responses, 'response')}${times}`];
  for (const text of [codesText(dns), queriesText(counters)]) if (text !== '') parts.push(text);
  return [parts.join('; ')];
}

function timesText(times: Distribution): string {
  const texts = QUANTILES.map((name) => `${name} ${significant(times[name] / NS_PER_MS)} ms`);
  return texts.join(', ');
}

/** What is worth a look, the most frequent first: failures, and NXDOMAIN, which is none, but tells of names that are wrong. */
function codesText({ responses, rcodes, truncated }: DnsTotals): string {
  const notable = [...rcodes]
    .filter(([rcode]) => rcode !== 'NOERROR')
    .sort(([, a], [, b]) => b - a);
  const all = truncated > 0 ? [...notable, ['truncated', truncated] as const] : notable;
  return all
    .map(([what, number]) => `${sharePhrase(number / responses)} ${rcodeText(what)}`)
    .join(', ');
}

/** Those without a response time. */
function queriesText(counters: Counters): string {
  const { dnsQuery, dnsAnswered, dnsUnanswered, dnsAmbiguous } = counters;
  const waiting = dnsQuery - dnsAnswered - dnsUnanswered - dnsAmbiguous;
  const texts = [
    [dnsUnanswered, `${dnsUnanswered} unanswered`],
    [dnsAmbiguous, `${dnsAmbiguous} answered after a retransmission`],
    [waiting, `${waiting} still waiting`],
  ] as const;
  const told = texts.filter(([number]) => number > 0);
  return told.map(([, text]) => text).join(', ');
}
