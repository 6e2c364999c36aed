/** What messages of DNS have in them, by IANA's names (https://www.iana.org/assignments/dns-parameters). */
import type { DnsQuestion } from './types.js';

/** Those that the 4 bits of the header can have; the others are not assigned. */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
  'DSOTYPENI',
] as const;

/** Those that are asked for. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [13, 'HINFO'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [29, 'LOC'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [39, 'DNAME'],
  [43, 'DS'],
  [44, 'SSHFP'],
  [46, 'RRSIG'],
  [47, 'NSEC'],
  [48, 'DNSKEY'],
  [50, 'NSEC3'],
  [51, 'NSEC3PARAM'],
  [52, 'TLSA'],
  [53, 'SMIMEA'],
  [59, 'CDS'],
  [60, 'CDNSKEY'],
  [61, 'OPENPGPKEY'],
  [63, 'ZONEMD'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [99, 'SPF'],
  [251, 'IXFR'],
  [252, 'AXFR'],
  [255, 'ANY'],
  [256, 'URI'],
  [257, 'CAA'],
]);

/** Longer ones have other meanings (RFC 1035, 4.1.4), which no question has. */
const LONGEST_LABEL = 63;
/** With the lengths of its labels (RFC 1035, 2.3.4). */
const LONGEST_NAME = 255;

/** `NXDOMAIN`, or the number. */
export function rcodeName(code: number): string {
  return RCODES[code] ?? String(code);
}

/** The question that `bytes` begin with; undefined where they have none that is whole. */
export function questionIn(bytes: Uint8Array): DnsQuestion | undefined {
  const labels: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] as number;
    const end = at + 1 + length;
    if (length === 0) return typed(labels, bytes.subarray(end));
    if (length > LONGEST_LABEL || end >= LONGEST_NAME || end > bytes.length) return undefined;
    labels.push(labelText(bytes.subarray(at + 1, end)));
    at = end;
  }
  return undefined;
}

/** @param rest what is behind the name */
function typed(labels: readonly string[], rest: Uint8Array): DnsQuestion | undefined {
  const [high, low] = rest;
  if (high === undefined || low === undefined) return undefined;
  const type = (high << 8) | low;
  return { name: labels.join('.') || '.', type: TYPES.get(type) ?? `TYPE${type}` };
}

/** As in files of zones (RFC 1035, 5.1; RFC 4343, 2.1). Case means nothing. */
function labelText(label: Uint8Array): string {
  return Array.from(label, characterText).join('');
}

function characterText(byte: number): string {
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  const character = String.fromCharCode(byte).toLowerCase();
  return character === '.' || character === '\\' ? `\\${character}` : character;
}
