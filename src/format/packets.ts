/** What became of the packets, in lines. */
import {
  type CounterName,
  type Counters,
  FATES,
  measurableBytesIn,
  measurableIn,
  packetsIn,
  UNFILTERABLE,
  UNMEASURABLE,
  UNMEASURABLE_IN_FLOWS,
} from '../core/counters.js';
import { shareOf } from '../summary/resent.js';
import type { RunTotals } from '../summary/run-totals.js';
import { byteCount, count, percent, sharePhrase } from '../text/units.js';
import { byFrequency, fatesText } from './fates.js';
import { kindsText, packetsOf, protocolOption, unaskedIn, worthAsking } from './unread.js';

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
  dnsRepeated: 'DNS retransmission',
  dnsResponse: 'DNS response',
  spinBit: 'QUIC spin active',
  noSpin: 'QUIC spin unproven',
  identifierNotNew: 'identifier not new',
  local: 'for this machine',
  rateLimited: 'rate-limited',
  remembered: 'remembered',
  timestampMapFull: 'timestamp map full',
};
const LABEL_WIDTH = 18;

/** How many there were. */
export function packetLines({ counters }: RunTotals): string[] {
  const packets = packetsIn(counters);
  return [
    `${count(packets, 'packet')}, ${byteCount(counters.bytes)}${bracketed(hooksText(counters))}`,
  ];
}

/** What became of each, the most frequent first; the lines add up to all packets. */
export function fateLines({ counters, areProtocolsTold }: RunTotals): string[] {
  const packets = packetsIn(counters);
  const width = String(packets).length;
  return byFrequency(counters, FATES).map((fate) => {
    const share = ((100 * counters[fate]) / packets).toFixed(1).padStart(5);
    const text = fate === 'notTcp' && areProtocolsTold ? 'other protocols' : FATE_TEXTS[fate];
    const label = (text ?? fate).padEnd(LABEL_WIDTH);
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
export function measurableLines(totals: RunTotals): string[] {
  const { counters } = totals;
  const lines = counters.filtered > 0 ? filteredLines(totals) : allLines(totals);
  return lines.length === 0 ? [] : [...lines, ...protocolLines(totals)];
}

function allLines(totals: RunTotals): string[] {
  const { packets, bytes, ofPackets, ofBytes } = measurableIn(totals.counters);
  if (ofPackets === 0) return [];
  const shares = `${percent(packets, ofPackets)} of packets and ${percent(bytes, ofBytes)} of bytes`;
  return [
    `measurable: ${shares}`,
    ...unaskedLines(totals),
    ...restLines('not measurable', totals, UNMEASURABLE),
  ];
}

/** With a filter, which leaves out what is measured alone. The bytes of the rest are not known. */
function filteredLines(totals: RunTotals): string[] {
  const { counters } = totals;
  const { packets, ofPackets } = measurableIn(counters);
  const read = UNFILTERABLE.reduce((left, fate) => left - counters[fate], ofPackets);
  const share = `measurable: ${percent(packets, read)} of the packets that passed the filter`;
  return [
    ...(read > 0 ? [share] : []),
    ...unaskedLines(totals),
    ...restLines('not measurable', totals, UNMEASURABLE_IN_FLOWS),
    ...restLines('not matched against the filter', totals, UNFILTERABLE),
  ];
}

/** What was left alone because nobody has asked for it. */
function unaskedLines({ counters, asked }: RunTotals): string[] {
  const kinds = (asked ? unaskedIn(counters, asked) : []).map(([kind]) =>
    packetsOf(counters, kind),
  );
  return kinds.length === 0 ? [] : [`not measured: ${kinds.join(', ')}`];
}

/** How to ask for it: where it is enough to matter. */
function protocolLines({ counters, asked = [] }: RunTotals): string[] {
  const words = asked.length > 0 ? worthAsking(counters, asked) : [];
  if (words.length === 0) return [];
  return [`to measure more: ${protocolOption([...asked, ...words])}`];
}

/** Without what could have been asked for. */
function restLines(
  what: string,
  { counters, asked, areProtocolsTold }: RunTotals,
  fates: readonly CounterName[],
): string[] {
  const unasked = (asked ? unaskedIn(counters, asked) : []).map(([kind]) => kind);
  const notTcp = unasked.reduce((left, kind) => left - counters[kind], counters.notTcp);
  const none = Object.fromEntries(unasked.map((kind) => [kind, 0]));
  const rest = fatesText({ ...counters, ...none, notTcp }, fates, areProtocolsTold);
  return rest === '' ? [] : [`${what}: ${rest}`];
}

/** What became of what waited for its answer. */
export function identifierLines({ counters, waiting }: RunTotals): string[] {
  const { remembered, matched, unanswered } = counters;
  if (remembered === 0) return [];
  return [
    `${count(remembered, 'identifier')} remembered: ${matched} answered, ${unanswered} unanswered, ${waiting} still waiting${droppedText(counters)}`,
  ];
}

/** What shows that packets were lost, or delayed. */
export function retransmissionLines({ counters, areProtocolsTold }: RunTotals): string[] {
  const { retransmittedPackets, retransmittedBytes } = counters;
  const { reorderedPackets, duplicateAcks, zeroWindows } = counters;
  const share = shareOf(retransmittedBytes, measurableBytesIn(counters).TCP);
  const whose = areProtocolsTold ? "TCP's bytes" : 'bytes';
  const size =
    share === undefined ? byteCount(retransmittedBytes) : `${sharePhrase(share)} of ${whose}`;
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
    [ambiguous, 'ambiguous (retransmitted)'],
    [superseded, 'superseded (acknowledged together with other data)'],
    [belowResolution, "below the clock's resolution"],
  ] as const;
  const told = causes.filter(([n]) => n > 0).map(([n, cause]) => `${n} ${cause}`);
  return told.length > 0 ? `; no RTT: ${told.join(', ')}` : '';
}

/** By where they were seen: they add up to all. '' where a capture does not say. */
export function hooksText({ egress, ingress, captured }: Counters): string {
  if (captured === 0) return `${egress} egress, ${ingress} ingress`;
  return egress + ingress > 0 ? `${egress} egress, ${ingress} ingress, ${captured} unknown` : '';
}

function bracketed(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
