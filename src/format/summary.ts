/** The lines at the end, and at intervals with --stats. */
import { type CounterName, type Counters, FATES, packetsIn } from '../events/counters.js';
import type { HookCost, RunTotals } from '../summary/totals.js';
import { count, milliseconds } from './units.js';

/** What a run was worth, for people. */
export function summaryText(totals: RunTotals): string {
  return [
    samplesText(totals),
    ...packetLines(totals),
    ...identifierLines(totals),
    ...selfCostLines(totals),
    lossText(totals),
  ].join('\n');
}

function samplesText({ samples, reported, flows, rtt }: RunTotals): string {
  const text = `${count(samples, 'sample')} of ${count(flows, 'flow')}`;
  if (!rtt) return text;
  const { p50, p95, p99 } = rtt;
  const held = reported === samples ? '' : `, ${reported} reported`;
  return `${text}${held}, RTT p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`;
}

/** As a packet meets them in the kernel. */
const FATE_TEXTS: Partial<Record<CounterName, string>> = {
  notIp: 'not IP',
  notTcp: 'not TCP',
  fragment: 'fragment',
  malformed: 'malformed',
  truncated: 'cut off in capture',
  noTimestamp: 'no TCP timestamp',
  reset: 'RST',
  handshake: 'handshake',
  lingering: 'lingering',
  flowMapFull: 'flow map full',
  pureAck: 'pure ACK',
  identifierNotNew: 'identifier not new',
  local: 'for this machine',
  rateLimited: 'rate-limited',
  remembered: 'remembered',
  timestampMapFull: 'timestamp map full',
};
const LABEL_WIDTH = 18;

/** What became of the packets, the most frequent first; the lines add up to the first. */
function packetLines({ counters }: RunTotals): string[] {
  const packets = packetsIn(counters);
  const fates = FATES.filter((fate) => counters[fate] > 0).sort(
    (a, b) => counters[b] - counters[a],
  );
  const width = String(packets).length;
  return [
    `${count(packets, 'packet')}${hooksText(counters)}`,
    ...fates.map((fate) => {
      const share = ((100 * counters[fate]) / packets).toFixed(1).padStart(5);
      const label = (FATE_TEXTS[fate] ?? fate).padEnd(LABEL_WIDTH);
      return `  ${label}  ${String(counters[fate]).padStart(width)}  ${share} %`;
    }),
  ];
}

/** Nothing where a capture does not say. */
function hooksText({ egress, ingress, captured }: Counters): string {
  if (captured === 0) return ` (${egress} egress, ${ingress} ingress)`;
  return egress + ingress > 0
    ? ` (${egress} egress, ${ingress} ingress, ${captured} not known)`
    : '';
}

function identifierLines({ counters, waiting }: RunTotals): string[] {
  const { remembered, matched, unanswered } = counters;
  if (remembered === 0) return [];
  return [
    `${count(remembered, 'identifier')} remembered: ${matched} answered, ${unanswered} not, ${waiting} waiting`,
  ];
}

/** The kernel's figures have about 40 ns of its own accounting in them. */
function selfCostLines({ selfCost }: RunTotals): string[] {
  if (!selfCost) return [];
  const { egress, ingress, readerNs, elapsedNs } = selfCost;
  const each = ({ packets, ns }: HookCost) =>
    packets > 0 ? `${Math.round(ns / packets)} ns` : '-';
  const share = (ns: number) => `${((100 * ns) / elapsedNs).toFixed(2)} %`;
  return [
    `pping itself: ${each(egress)} a packet on egress, ${each(ingress)} on ingress, ${share(egress.ns + ingress.ns)} of a CPU in the kernel; reading ${share(readerNs)}`,
  ];
}

/** Says that nothing was lost, too: silence would prove nothing. */
function lossText({ counters, droppedLines, undecodable }: RunTotals): string {
  const losses = [
    [counters.rttEventsLost, 'RTT', 'lost (ring buffer full)'],
    [counters.flowEventsLost, 'flow event', 'lost (ring buffer full)'],
    [droppedLines, 'line', 'not written'],
    [undecodable, 'event', 'not understood'],
    [counters.flowMapFull, 'packet', 'not measured (flow map full)'],
    [counters.timestampMapFull, 'packet', 'not measured (timestamp map full)'],
  ] as const;
  const told = losses
    .filter(([number]) => number > 0)
    .map(([number, what, fate]) => `${count(number, what)} ${fate}`);
  return told.length > 0 ? told.join(', ') : 'no event lost';
}
