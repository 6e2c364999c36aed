import type { RelayStats } from '../relay.js';
import type { Seen } from './schedule.js';

/** What the reader can compare pping's numbers with, and where to go from here. */
export function closingWords(seen: readonly Seen[], stats: RelayStats): string {
  return [
    '',
    'You saw two long connections (IPv4 and IPv6) and a few short ones. pping measured them from',
    'their own packets and sent none itself. For comparison, the true round-trip time:',
    '',
    '   added by the path   smoothed RTT of the kernel (ss -ti), late in the step',
    ...seen.map(row),
    '',
    `This machine itself delayed the path further, one way: p50 ${lateness(stats, 'p50')} ms,`,
    `p99 ${lateness(stats, 'p99')} ms.`,
    '',
    'Try it on a real interface:  sudo bin/pping -i <interface>',
  ].join('\n');
}

function row({ addedMs, kernelMs }: Seen): string {
  const kernel = kernelMs === undefined ? '-' : `${kernelMs.toFixed(1)} ms`;
  return `   ${`${addedMs} ms`.padStart(17)}   ${kernel}`;
}

function lateness({ aToB, bToA }: RelayStats, quantile: 'p50' | 'p99'): string {
  return (Math.max(aToB.lateUs[quantile], bToA.lateUs[quantile]) / 1_000).toFixed(2);
}
