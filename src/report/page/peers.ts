/** What was measured of each peer, and the order in which to show it. */
import type { PeerFacts, Samples, SideIndex } from '../run-facts.js';
import { PairsByPeer, pathOf } from './path.js';
import { isWithData, sideOf } from './selection.js';
import { percentile } from './statistics.js';

/** All durations in ns. */
export interface PeerRow {
  /** Its index in the run. */
  readonly peer: number;
  readonly address: string;
  readonly flows: number;
  readonly samples: number;
  /** Of all its RTTs; the next three are of those that tell the path. */
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
  /** What the median has beyond the least: the least is the distance, the rest has waited. */
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
  const pairs = new PairsByPeer(samples, side);
  const kernelOf = sortedByPeer(peers.length, samples, side, false);
  const dataOf = sortedByPeer(peers.length, samples, side, true);
  return peers.flatMap(({ address, ...totals }, peer) => {
    const [kernel, data] = [kernelOf(peer), dataOf(peer)];
    if (kernel.length + data.length === 0) return [];
    const { sorted } = pathOf(kernel, data, pairs.of(peer));
    const { POSITIVE_INFINITY } = Number;
    const least = Math.min(kernel[0] ?? POSITIVE_INFINITY, data[0] ?? POSITIVE_INFINITY);
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
      queueing: median - least,
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

/** Counting sort: the RTTs of peer n are those from starts[n] up to starts[n + 1]. */
function sortedByPeer(peers: number, samples: Samples, side: SideIndex, withData: boolean) {
  const starts = new Uint32Array(peers + 1);
  forEachIn(samples, side, withData, (peer) => {
    starts[peer + 1] = (starts[peer + 1] as number) + 1;
  });
  for (let peer = 0; peer < peers; peer++) {
    starts[peer + 1] = (starts[peer + 1] as number) + (starts[peer] as number);
  }
  const rtts = new Float64Array(starts[peers] as number);
  const next = starts.slice();
  forEachIn(samples, side, withData, (peer, rtt) => {
    const at = next[peer] as number;
    rtts[at] = rtt;
    next[peer] = at + 1;
  });
  return (peer: number) => rtts.subarray(starts[peer], starts[peer + 1]).sort();
}

function forEachIn(
  { peers, rtts, flags }: Samples,
  side: SideIndex,
  withData: boolean,
  tell: (peer: number, rtt: number) => void,
): void {
  for (let index = 0; index < rtts.length; index++) {
    const flag = flags[index] as number;
    if (sideOf(flag) !== side || isWithData(flag) !== withData) continue;
    tell(peers[index] as number, rtts[index] as number);
  }
}
