import type { RelayStats } from '../relay.js';
import type { Seen } from './schedule.js';

/** What the reader can compare pping's numbers with, and where to go from here. */
export function closingWords(seen: readonly Seen[], stats: RelayStats): string {
  return [
    '',
    'What you saw: two long connections (IPv4 and IPv6) and a few short ones, measured by',
    'pping from their own packets; it sent none itself. The true round trip, to compare with:',
    '',
    '   added by the path   as the kernel smooths it (ss -ti), late in the step',
    ...seen.map(row),
    '',
    `This machine itself made the path late, one way, by ${lateness(stats, 'p50')} ms in the median`,
    `and ${lateness(stats, 'p99')} ms at the 99th percentile.`,
    '',
    'Now on a real interface:  sudo bin/pping -i <interface>',
  ].join('\n');
}

function row({ addedMs, kernelMs }: Seen): string {
  const kernel = kernelMs === undefined ? '-' : `${kernelMs.toFixed(1)} ms`;
  return `   ${`${addedMs} ms`.padStart(17)}   ${kernel}`;
}

function lateness({ aToB, bToA }: RelayStats, quantile: 'p50' | 'p99'): string {
  return (Math.max(aToB.lateUs[quantile], bToA.lateUs[quantile]) / 1_000).toFixed(2);
}
