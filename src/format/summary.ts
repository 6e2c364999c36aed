/** The few lines at the end. */
import type { RunTotals } from '../summary/totals.js';
import { count, milliseconds } from './units.js';

/** What a run was worth, for people. */
export function summaryText(totals: RunTotals): string {
  const lines = [
    `${count(totals.samples, 'sample')} of ${count(totals.flows, 'flow')}${rttText(totals)}`,
  ];
  lines.push(lossText(totals));
  return lines.join('\n');
}

function rttText({ rtt }: RunTotals): string {
  if (!rtt) return '';
  const { p50, p95, p99 } = rtt;
  return `, RTT p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`;
}

/** Says that nothing was lost, too: silence would prove nothing. */
function lossText(totals: RunTotals): string {
  const losses = [
    [totals.lostRtts, 'RTT', 'lost (ring buffer full)'],
    [totals.lostFlowEvents, 'flow event', 'lost (ring buffer full)'],
    [totals.droppedLines, 'line', 'not written'],
    [totals.undecodable, 'event', 'not understood'],
    [totals.flowMapFull, 'packet', 'not measured (flow map full)'],
    [totals.timestampMapFull, 'packet', 'not measured (timestamp map full)'],
  ] as const;
  const told = losses
    .filter(([number]) => number > 0)
    .map(([number, what, fate]) => `${count(number, what)} ${fate}`);
  return told.length > 0 ? told.join(', ') : 'no event lost';
}
