/** What was measured of each peer, and the order in which to show it. */
import { isDataLate, type PairCounts } from '../../summary/path-kind.js';
import { type PeerFacts, type Samples, type SideIndex, sideOf } from '../run-facts.js';
import { groupsOf, NO_GROUP } from './groups.js';
import { PairsByPeer, pathOf } from './path.js';
import { isWithData } from './selection.js';
import { percentile } from './statistics.js';
import { waitsOf } from './waits.js';

/** All durations in ns. */
export interface PeerRow {
  /** Its index in the run. */
  readonly peer: number;
  readonly address: string;
  /** Its index in the run, too: in the order in which they came. */
  readonly place: number;
  readonly flows: number;
  readonly samples: number;
  /** Of all its RTTs; the next are of those that tell the path. */
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
  /** How far a usual RTT is above the least of its time: that is the distance, the rest has waited. */
  readonly queueing: number;
}

export type PeerColumn = Exclude<keyof PeerRow, 'peer'>;

/** Of the peers that have RTTs in this side. */
export function peerRows(
  peers: readonly PeerFacts[],
  samples: Samples,
  side: SideIndex,
): PeerRow[] {
  const pairs = new PairsByPeer(samples, side);
  const ownOf = groupsOf(samples, peers.length, (index) =>
    sideOf(samples.flags[index] as number) === side ? (samples.peers[index] as number) : NO_GROUP,
  );
  return peers.flatMap(({ address, place, ...totals }, peer) => {
    const own = ownOf(peer);
    if (own.rtts.length === 0) return [];
    const least = own.rtts.reduce((a, b) => Math.min(a, b));
    const { sorted, waits } = pathIn(own, pairs.of(peer));
    const median = percentile(sorted, 50);
    return {
      peer,
      address,
      place,
      flows: totals.flows[side] ?? 0,
      samples: totals.samples[side] ?? 0,
      least,
      median,
      p99: percentile(sorted, 99),
      most: sorted[sorted.length - 1] as number,
      queueing: percentile(waits, 50),
    };
  });
}

/** One that is seen at several places has several rows. */
export function countPeers(rows: readonly PeerRow[]): number {
  return new Set(rows.map(({ address }) => address)).size;
}

type Own = Omit<Samples, 'peers'>;

/** Of the RTTs that tell the path: they, and how long they waited, each ascending. */
function pathIn({ times, rtts, flags }: Own, pairs: PairCounts) {
  const waits = isDataLate(pairs) ? waitsByKind({ times, rtts, flags }) : waitsOf(rtts, times);
  const [kernel, data] = [partOf(rtts, flags, false), partOf(rtts, flags, true)];
  const { kind, sorted } = pathOf(kernel.sort(), data.sort(), pairs);
  const waited = kind === 'all' ? waits : partOf(waits, flags, kind === 'data');
  return { sorted, waits: waited.sort() };
}

/** Where an application is waited for, answers with data are compared with the least of their kind. */
function waitsByKind({ times, rtts, flags }: Own): Float64Array {
  const waits = waitsOf(rtts, times);
  const ofData = waitsOf(partOf(rtts, flags, true), partOf(times, flags, true));
  let next = 0;
  for (let index = 0; index < waits.length; index++) {
    if (isWithData(flags[index] as number)) waits[index] = ofData[next++] as number;
  }
  return waits;
}

/** Of one kind of answer, in the same order. */
function partOf(values: Float64Array, flags: Uint8Array, withData: boolean): Float64Array {
  const part = new Float64Array(values.length);
  let length = 0;
  for (let index = 0; index < values.length; index++) {
    if (isWithData(flags[index] as number) !== withData) continue;
    part[length++] = values[index] as number;
  }
  return part.subarray(0, length);
}
