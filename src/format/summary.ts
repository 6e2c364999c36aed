/** What a run was worth: at the end, at SIGUSR1, and in short at intervals with --stats. */

import type { HookCost } from '../core/self-cost.js';
import type { Side } from '../summary/sides.js';
import type { Distribution, Reported, RunTotals, SideTotals } from '../summary/totals.js';
import { asciiText } from '../text/ascii.js';
import { count, milliseconds } from '../text/units.js';
import { unmeasuredLines } from './coverage.js';
import { ownerLines, peerLines } from './groups.js';
import { histogramLines } from './histogram.js';
import { measurableLines, packetLines, retransmissionLines } from './packets.js';
import { sightingText } from './visibility.js';

/** @param place what packets cross, as its name; undefined for a capture */
export function summaryText(totals: RunTotals, place: string | undefined): string {
  const pictures = ({ histogram, peers, owners }: SideTotals) => [
    ...histogramLines(histogram),
    ...peerLines(peers),
    ...(owners ? ownerLines(owners) : []),
  ];
  return linesOf(totals, place, pictures).join('\n');
}

/** The same without histograms and tables. */
export function statsText(totals: RunTotals, place: string | undefined): string {
  return linesOf(totals, place, () => []).join('\n');
}

function linesOf(
  totals: RunTotals,
  place: string | undefined,
  pictures: (side: SideTotals) => string[],
): string[] {
  return [
    samplesText(totals),
    ...totals.sides.flatMap((side) => [
      sideText(side, place),
      ...besideLines(side),
      ...pictures(side),
    ]),
    ...packetLines(totals),
    ...measurableLines(totals),
    ...unmeasuredLines(totals.unmeasuredHosts),
    ...retransmissionLines(totals),
    ...(totals.sightings ?? []).map((each) => sightingText(each, place ?? 'the interface')),
    ...gapLines(totals),
    ...selfCostLines(totals),
    lossText(totals),
  ];
}

/** Whose opening was lost is a flow that nobody has counted. */
function samplesText({ samples, reported, flows, counters }: RunTotals): string {
  const held = reported === samples ? '' : `, ${reported} reported`;
  const least = counters.flowEventsLost > 0 ? 'at least ' : '';
  return `${count(samples, 'sample')} of ${least}${count(flows, 'flow')}${held}`;
}

const SIDE_TEXTS: Record<Side, (place: string) => string> = {
  beyond: (place) => `beyond ${place}`,
  behind: (place) => `behind ${place}`,
  unknown: () => 'direction not known',
};

/** The interface is between the two paths: which of them is slow? */
function sideText(totals: SideTotals, place = 'the interface'): string {
  const { side, samples, overdue, all, path } = totals;
  const what = SIDE_TEXTS[side](asciiText(place));
  const of = path.kind === 'all' ? '' : ` (${KIND_TEXTS[path.kind]}, ${partText(path, all)})`;
  const waited = overdue > 0 ? ` (${overdue} without an answer, as what they have waited)` : '';
  return `${what}: ${count(samples, 'sample')}, RTT ${distributionText(path.rtt)}${of}${waited}`;
}

const KIND_TEXTS = {
  kernel: 'ACKs and handshakes',
  data: 'answers with data',
} as const;

/** What the figures of the path leave out, or are put together from. */
function besideLines({ all, beside }: SideTotals): string[] {
  return beside.map(({ kind, ...kindTotals }) => {
    const what = kind === 'all' ? '' : KIND_TEXTS[kind];
    return `  ${what}: ${distributionText(kindTotals.rtt)}, ${partText(kindTotals, all)}`;
  });
}

function partText({ reported }: Reported, all: Reported): string {
  return `${reported} of ${all.reported}`;
}

function distributionText({ p50, p90, p99, max }: Distribution): string {
  return Object.entries({ p50, p90, p99, max })
    .map(([name, rtt]) => `${name} ${milliseconds(rtt)}`)
    .join(', ');
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

/** What could not be told of whose connections are, where that was asked for. */
function gapLines({ attributionGaps: gaps, counters }: RunTotals): string[] {
  if (!gaps) return [];
  const texts = [
    [gaps.processless, 'flow', 'without a process'],
    [gaps.unnamed, 'flow', 'without the name of the cgroup'],
    [gaps.forgotten, 'flow', 'forgotten for want of room'],
    [counters.originalsDisputed, 'flow', 'with disputed ends before NAT'],
    [gaps.undecided, 'event', 'left out (of an unknown process)'],
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

export const NOTHING_LOST = 'no event lost';
export type Losses = Pick<RunTotals, 'counters' | 'droppedLines' | 'undecodable'>;

/** What was lost, by cause. */
export function lossTexts({ counters, droppedLines, undecodable }: Losses): string[] {
  const losses = [
    [counters.rttEventsLost, 'RTT', 'lost (ring buffer full)'],
    [counters.flowEventsLost, 'flow event', 'lost (ring buffer full)'],
    [droppedLines, 'line', 'not written'],
    [undecodable, 'event', 'not understood'],
    [counters.flowMapFull, 'packet', 'not measured (flow map full)'],
    [counters.timestampMapFull, 'packet', 'not measured (timestamp map full)'],
    [counters.lossMapFull, 'packet', 'in no losses of its flow (loss map full)'],
  ] as const;
  return losses
    .filter(([number]) => number > 0)
    .map(([number, what, fate]) => `${count(number, what)} ${fate}`);
}
