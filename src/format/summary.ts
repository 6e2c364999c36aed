/** What a run was worth: at the end, at SIGUSR1, and in short at intervals with --stats. */

import type { HookCost } from '../core/self-cost.js';
import type { RunTotals, SideTotals } from '../summary/run-totals.js';
import type { HostNames } from '../text/host.js';
import { count } from '../text/units.js';
import { wrapped } from '../text/wrapped.js';
import { unmeasuredLines } from './coverage.js';
import { dnsLines } from './dns.js';
import { ownerLines, peerLines } from './groups.js';
import { histogramLines } from './histogram.js';
import {
  fateLines,
  identifierLines,
  measurableLines,
  packetLines,
  retransmissionLines,
} from './packets.js';
import { quicLines } from './quic.js';
import { resolverLines } from './resolvers.js';
import { captionLines, sideLines } from './sides.js';
import { tallyLines } from './tallies.js';
import { sightingText } from './visibility.js';

/** Of a histogram: all of the summary should fit a screen. */
const ROWS_OF_ONE = 8;
const ROWS_OF_EACH = 6;

/**
 * Lines of 80 columns, without a line break at the end.
 * @param place what packets cross, as its name; undefined for a capture
 * @param verbose whether it is told, too, what became of each packet
 * @param names undefined where hosts are shown by their addresses
 */
export function summaryText(
  totals: RunTotals,
  place: string | undefined,
  verbose: boolean,
  names?: HostNames,
): string {
  const rows = totals.sides.length > 1 ? ROWS_OF_EACH : ROWS_OF_ONE;
  const pictures = (side: SideTotals) => [
    ...captionLines(side),
    ...histogramLines(side.histogram, rows),
    ...peerLines(side, names),
    ...ownerLines(side),
  ];
  const resolvers = ({ dns }: RunTotals) => (dns ? resolverLines(dns.resolvers, names) : []);
  return textOf(totals, place, { pictures, resolvers, verbose });
}

/** What became of each packet, too, and neither histograms nor tables of hosts. */
export function statsText(totals: RunTotals, place: string | undefined): string {
  return textOf(totals, place, { pictures: () => [], resolvers: () => [], verbose: true });
}

interface Terms {
  readonly pictures: (side: SideTotals) => string[];
  readonly resolvers: (totals: RunTotals) => string[];
  readonly verbose: boolean;
}

function textOf(totals: RunTotals, place: string | undefined, terms: Terms) {
  const { pictures, resolvers, verbose } = terms;
  const lines = [
    ...samplesLines(totals),
    ...totals.sides.flatMap((side) => [...sideLines(side, place), ...pictures(side)]),
    ...dnsLines(totals),
    ...resolvers(totals),
    ...quicLines(totals),
    ...packetLines(totals),
    ...(verbose ? tallyLines(totals.interfaces) : []),
    ...(verbose ? fateLines(totals) : []),
    ...measurableLines(totals),
    ...(verbose ? identifierLines(totals) : []),
    ...unmeasuredLines(totals.unmeasuredHosts),
    ...retransmissionLines(totals),
    ...(totals.sightings ?? []).map(sightingText),
    ...gapLines(totals),
    ...selfCostLines(totals),
    lossText(totals),
  ];
  return lines.flatMap((line) => wrapped(line)).join('\n');
}

/** None of DNS alone. Whose opening was lost is a flow that nobody has counted. */
function samplesLines(totals: RunTotals): string[] {
  const { samples, reported, flows, counters, sides, isDnsAlone } = totals;
  if (isDnsAlone) return [];
  const held = reported === samples ? '' : `, ${reported} reported`;
  const least = counters.flowEventsLost > 0 ? 'at least ' : '';
  const hasPlaces = sides.some(({ places }) => places.length > 0);
  const again = hasPlaces ? '; a connection counts at each place where it was seen' : '';
  return [`${count(samples, 'sample')} of ${least}${count(flows, 'flow')}${held}${again}`];
}

/** The kernel's figures have about 40 ns of its own accounting in them. */
function selfCostLines({ selfCost }: RunTotals): string[] {
  if (!selfCost) return [];
  const { egress, ingress, sockets, readerNs, elapsedNs } = selfCost;
  const each = ({ packets, ns }: HookCost) =>
    packets > 0 ? `${Math.round(ns / packets)} ns` : '-';
  const share = (ns: number) => `${((100 * ns) / elapsedNs).toFixed(2)} %`;
  const inKernel = egress.ns + ingress.ns + (sockets?.ns ?? 0);
  return [
    `cost of pping: ${each(egress)} per packet on egress, ${each(ingress)} on ingress; ${share(inKernel)} of a CPU in the kernel, ${share(readerNs)} reading events`,
  ];
}

/** What could not be told of whose connections are, where that was asked for. */
function gapLines({ attributionGaps: gaps, counters }: RunTotals): string[] {
  if (!gaps) return [];
  const texts = [
    [gaps.unknown, 'flow', 'of unknown owner'],
    [gaps.processless, 'flow', 'without a process'],
    [gaps.unnamed, 'flow', 'without a cgroup name'],
    [gaps.forgotten, 'flow', 'forgotten (table full)'],
    [counters.originalsDisputed, 'flow', 'with disputed addresses before NAT'],
    [gaps.undecided, 'event', 'left out (unknown process)'],
  ] as const;
  const told = texts.filter(([number]) => number > 0);
  if (told.length === 0) return [];
  const each = told.map(([number, what, which]) => `${count(number, what)} ${which}`);
  return [`not attributed: ${each.join(', ')}`];
}

/** Says that nothing was lost, too: silence would prove nothing. */
function lossText(lost: Losses): string {
  const losses = lossTexts(lost);
  return losses.length > 0 ? losses.join(', ') : NOTHING_LOST;
}

export const NOTHING_LOST = 'no events lost';
export type Losses = Pick<RunTotals, 'counters' | 'droppedLines' | 'undecodable'>;

/** What was lost, by cause. */
export function lossTexts({ counters, droppedLines, undecodable }: Losses): string[] {
  const losses = [
    [counters.rttEventsLost, 'RTT', 'lost (ring buffer full)'],
    [counters.flowEventsLost, 'flow event', 'lost (ring buffer full)'],
    [droppedLines, 'line', 'not written'],
    [undecodable, 'event', 'not decoded'],
    [counters.flowMapFull, 'packet', 'not measured (flow map full)'],
    [counters.timestampMapFull, 'packet', 'not measured (timestamp map full)'],
    [counters.lossMapFull, 'packet', 'missing from loss counts (loss map full)'],
  ] as const;
  return losses
    .filter(([number]) => number > 0)
    .map(([number, what, fate]) => `${count(number, what)} ${fate}`);
}
