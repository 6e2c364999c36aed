/** How many responses of DNS had each code: the names that NDJSON and CSV have for these everywhere. */
import type { DnsFigures } from '../summary/dns.js';

/** In the order of their codes. The core tells no others apart, so that each of them always has its field. */
const TOLD = ['noerror', 'formerr', 'servfail', 'nxdomain', 'notimp', 'refused'] as const;

/** As columns of a table. */
export const DNS_CODE_NAMES = [...TOLD, 'other_rcodes', 'truncated_responses'] as const;

type DnsCodeName = (typeof DNS_CODE_NAMES)[number];

/** For people, to whom the number of a code without a name would be a count: as RCODE12. */
export function rcodeText(rcode: string): string {
  return /^\d/.test(rcode) ? `RCODE${rcode}` : rcode;
}

/** Of all names, in their order; 0 where there was none. */
export function dnsCodeCounts({
  rcodes,
  truncated,
}: Pick<DnsFigures, 'rcodes' | 'truncated'>): Record<DnsCodeName, number> {
  const of = (name: (typeof TOLD)[number]) => rcodes.get(name.toUpperCase()) ?? 0;
  const all = [...rcodes.values()].reduce((sum, number) => sum + number, 0);
  return {
    noerror: of('noerror'),
    formerr: of('formerr'),
    servfail: of('servfail'),
    nxdomain: of('nxdomain'),
    notimp: of('notimp'),
    refused: of('refused'),
    other_rcodes: TOLD.reduce((rest, name) => rest - of(name), all),
    truncated_responses: truncated,
  };
}

/** As fields of a JSON object, each with a comma before it. */
export function dnsCodeFields(figures: Pick<DnsFigures, 'rcodes' | 'truncated'>): string {
  return Object.entries(dnsCodeCounts(figures))
    .map(([name, number]) => `,"${name}":${number}`)
    .join('');
}
