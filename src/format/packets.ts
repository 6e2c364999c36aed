/** What became of the packets, in lines. */
import {
  type CounterName,
  type Counters,
  FATES,
  measurableIn,
  packetsIn,
  UNFILTERABLE,
  UNMEASURABLE,
  UNMEASURABLE_TCP,
} from '../core/counters.js';
import { shareOf } from '../summary/resent.js';
import type { RunTotals } from '../summary/totals.js';
import { byteCount, count, percent, shareText } from '../text/units.js';
import { byFrequency, fatesText } from './fates.js';
import { kindsText } from './unread.js';

/** As a packet meets them in the kernel. */
const FATE_TEXTS: Partial<Record<CounterName, string>> = {
  notIp: 'not IP',
  notTcp: 'not TCP',
  fragment: 'fragment',
  malformed: 'malformed',
  truncated: 'cut off in capture',
  filtered: 'filtered out',
  noTimestamp: 'no TCP timestamp',
  reset: 'RST',
  handshake: 'handshake',
  lingering: 'lingering',
  alreadyAcknowledged: 'already ACKed',
  answerPending: 'answer pending',
  retransmitted: 'retransmitted',
  implausibleTsval: 'implausible TSval',
  outOfWindow: 'out of window',
  flowMapFull: 'flow map full',
  pureAck: 'pure ACK',
  echoReply: 'ICMP echo reply',
  dnsQuery: 'DNS query',
  dnsRepeated: 'DNS query again',
  dnsResponse: 'DNS response',
  spinBit: 'QUIC, encrypted',
  identifierNotNew: 'identifier not new',
  local: 'for this machine',
  rateLimited: 'rate-limited',
  remembered: 'remembered',
  timestampMapFull: 'timestamp map full',
};
const LABEL_WIDTH = 18;
/** Of all packets. */
const WORTH_TELLING = 0.01;

/** How many there were. */
export function packetLines({ counters }: RunTotals): string[] {
  const packets = packetsIn(counters);
  return [
    `${count(packets, 'packet')}, ${byteCount(counters.bytes)}${bracketed(hooksText(counters))}`,
  ];
}

/** What became of each, the most frequent first; the lines add up to all packets. */
export function fateLines({ counters }: RunTotals): string[] {
  const packets = packetsIn(counters);
  const width = String(packets).length;
  return byFrequency(counters, FATES).map((fate) => {
    const share = ((100 * counters[fate]) / packets).toFixed(1).padStart(5);
    const label = (FATE_TEXTS[fate] ?? fate).padEnd(LABEL_WIDTH);
    return `  ${label}  ${String(counters[fate]).padStart(width)}  ${share} %${kinds(counters, fate)}`;
  });
}

/** Behind what cannot be measured: what it is. */
function kinds(counters: Counters, fate: CounterName): string {
  if (fate !== 'notIp' && fate !== 'notTcp') return '';
  const text = kindsText(counters, fate);
  return text === '' ? '' : `: ${text}`;
}

/** How much of the traffic has what is measured by, and what the rest is. */
export function measurableLines({ counters, areProtocolsTold = false }: RunTotals): string[] {
  if (counters.filtered > 0) return filteredLines(counters);
  const { packets, bytes, ofPackets, ofBytes } = measurableIn(counters);
  if (ofPackets === 0) return [];
  const shares = `${percent(packets, ofPackets)} of packets and ${percent(bytes, ofBytes)} of bytes`;
  const rest = restLines('not measurable', counters, UNMEASURABLE);
  return [`measurable: ${shares}`, ...rest, ...(areProtocolsTold ? [] : protocolLines(counters))];
}

/** With a filter, which leaves out TCP alone. The bytes of the rest are not known. */
function filteredLines(counters: Counters): string[] {
  const { packets, ofPackets } = measurableIn(counters);
  const tcp = UNFILTERABLE.reduce((left, fate) => left - counters[fate], ofPackets);
  const share = `measurable: ${percent(packets, tcp)} of the packets that were let through`;
  return [
    ...(tcp > 0 ? [share] : []),
    ...restLines('not measurable', counters, UNMEASURABLE_TCP),
    ...restLines('not seen by the filter', counters, UNFILTERABLE),
  ];
}

/** What was left alone, and would be measured if it were asked for: where it is enough to matter. */
function protocolLines(counters: Counters): string[] {
  const { quic, dns, icmpEcho: icmp } = counters;
  const packets = packetsIn(counters);
  const words = Object.entries({ quic, dns, icmp }).filter(([, n]) => n >= packets * WORTH_TELLING);
  if (words.length === 0 || packets === 0) return [];
  const asked = ['tcp', ...words.map(([word]) => word)].join(',');
  return [`more can be measured: --protocol ${asked}`];
}

function restLines(what: string, counters: Counters, fates: readonly CounterName[]): string[] {
  const rest = fatesText(counters, fates);
  return rest === '' ? [] : [`${what}: ${rest}`];
}

/** What became of what waited for its answer. */
export function identifierLines({ counters, waiting }: RunTotals): string[] {
  const { remembered, matched, unanswered } = counters;
  if (remembered === 0) return [];
  return [
    `${count(remembered, 'identifier')} remembered: ${matched} answered, ${unanswered} not, ${waiting} waiting${droppedText(counters)}`,
  ];
}

/** What shows that packets were lost, or delayed. */
export function retransmissionLines({ counters, areProtocolsTold }: RunTotals): string[] {
  const { retransmittedPackets, retransmittedBytes } = counters;
  const { reorderedPackets, duplicateAcks, zeroWindows } = counters;
  // Beside other protocols it is not counted how many bytes are of TCP, which alone is seen to be sent again.
  const { bytes } = measurableIn(counters);
  const share = areProtocolsTold ? undefined : shareOf(retransmittedBytes, bytes);
  const size = share === undefined ? byteCount(retransmittedBytes) : `${shareText(share)} of bytes`;
  const texts = [
    [retransmittedPackets, `${count(retransmittedPackets, 'packet')} retransmitted (${size})`],
    [reorderedPackets, `${count(reorderedPackets, 'packet')} reordered`],
    [duplicateAcks, count(duplicateAcks, 'duplicate ACK')],
    [zeroWindows, count(zeroWindows, 'zero window')],
  ] as const;
  const told = texts.filter(([number]) => number > 0).map(([, text]) => text);
  return told.length > 0 ? [told.join(', ')] : [];
}

/** Acknowledged, but by what says nothing of their RTT. */
function droppedText({ ambiguous, superseded, belowResolution }: Counters): string {
  const causes = [
    [ambiguous, 'ambiguous (sent again)'],
    [superseded, 'superseded (acknowledged with other data)'],
    [belowResolution, "below the clock's resolution"],
  ] as const;
  const told = causes.filter(([n]) => n > 0).map(([n, cause]) => `${n} ${cause}`);
  return told.length > 0 ? `; without an RTT: ${told.join(', ')}` : '';
}

/** By where they were seen: they add up to all. '' where a capture does not say. */
export function hooksText({ egress, ingress, captured }: Counters): string {
  if (captured === 0) return `${egress} egress, ${ingress} ingress`;
  return egress + ingress > 0 ? `${egress} egress, ${ingress} ingress, ${captured} not known` : '';
}

function bracketed(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
