/** What was measured of each peer, and the order in which to show it. */
import type { PeerFacts, Samples, SideIndex } from '../run-facts.js';
import { sideOf } from './selection.js';
import { percentile } from './statistics.js';
import { waitsOf } from './waits.js';

/** All durations in ns. */
export interface PeerRow {
  /** Its index in the run. */
  readonly peer: number;
  readonly address: string;
  readonly flows: number;
  readonly samples: number;
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
  /** How far a usual RTT is above the least of its time: that is the distance, the rest has waited. */
  readonly queueing: number;
}

export type PeerColumn = Exclude<keyof PeerRow, 'peer'>;

export interface Order {
  readonly column: PeerColumn;
  readonly isDescending: boolean;
}

/** Of the peers that have RTTs in this side. */
export function peerRows(
  peers: readonly PeerFacts[],
  samples: Samples,
  side: SideIndex,
): PeerRow[] {
  const { starts, rtts, times } = groupByPeer(peers.length, samples, side);
  return peers.flatMap(({ address, ...totals }, peer) => {
    const own = rtts.subarray(starts[peer], starts[peer + 1]);
    if (own.length === 0) return [];
    const waits = waitsOf(own, times.subarray(starts[peer], starts[peer + 1])).sort();
    const sorted = own.sort();
    const least = sorted[0] as number;
    const median = percentile(sorted, 50);
    return {
      peer,
      address,
      flows: totals.flows[side],
      samples: totals.samples[side],
      least,
      median,
      p99: percentile(sorted, 99),
      most: sorted[sorted.length - 1] as number,
      queueing: percentile(waits, 50),
    };
  });
}

/** Those that are equal come in the order of their addresses. */
export function inOrder(rows: readonly PeerRow[], { column, isDescending }: Order): PeerRow[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted(
    (a, b) => sign * compare(a[column], b[column]) || compare(a.address, b.address),
  );
}

/** Addresses by the numbers in them: 10.0.0.9 is before 10.0.0.10. */
const collator = new Intl.Collator('en', { numeric: true });

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

/** Counting sort: the RTTs of peer n are those from starts[n] up to starts[n + 1], in the order of time. */
function groupByPeer(peers: number, samples: Samples, side: SideIndex) {
  const starts = new Uint32Array(peers + 1);
  forEachIn(samples, side, (peer) => {
    starts[peer + 1] = (starts[peer + 1] as number) + 1;
  });
  for (let peer = 0; peer < peers; peer++) {
    starts[peer + 1] = (starts[peer + 1] as number) + (starts[peer] as number);
  }
  const rtts = new Float64Array(starts[peers] as number);
  const times = new Float64Array(rtts.length);
  const next = starts.slice();
  forEachIn(samples, side, (peer, rtt, time) => {
    const at = next[peer] as number;
    rtts[at] = rtt;
    times[at] = time;
    next[peer] = at + 1;
  });
  return { starts, rtts, times };
}

function forEachIn(
  { times, peers, rtts, flags }: Samples,
  side: SideIndex,
  tell: (peer: number, rtt: number, time: number) => void,
): void {
  for (let index = 0; index < rtts.length; index++) {
    if (sideOf(flags[index] as number) !== side) continue;
    tell(peers[index] as number, rtts[index] as number, times[index] as number);
  }
}
