/** What was measured at each place where the run was seen. */
import type { PairCounts, PathKind } from '../../summary/path-kind.js';
import type { RunFacts, Samples, SideIndex } from '../run-facts.js';
import { merged, PairsByPeer, pathOf } from './path.js';
import { placeName } from './place-text.js';
import type { Scopes } from './scope.js';
import { answeredIn } from './selection.js';
import { percentile } from './statistics.js';

export interface PlaceRow {
  /** Its index in the run; undefined: all of them. */
  readonly place: number | undefined;
  readonly name: string;
  readonly samples: number;
  /** Of one side; undefined where there were none. */
  readonly rtts: PlaceRtts | undefined;
}

/** All durations in ns. */
export interface PlaceRtts {
  /** Of all; the next are of those that tell the path. */
  readonly least: number;
  readonly median: number;
  readonly p90: number;
  readonly kind: PathKind;
}

/** All together, and then each in the order in which they came: as in the summary of a run. */
export function placeRows(
  { samples, places, peers }: RunFacts,
  scopes: Scopes,
  side: SideIndex,
): PlaceRow[] {
  const all = scopes.samplesAt(undefined);
  const pairs = new PairsByPeer(all, side);
  // A peer is of one place: those of all are those of each.
  const pairsAt = pairs.sumsBy(places.length, (peer) => peers[peer]?.place ?? 0);
  return [
    {
      place: undefined,
      name: 'all',
      samples: samples[side] ?? 0,
      rtts: rttsOf(all, side, pairs.sum),
    },
    ...places.map((at, place) => ({
      place,
      name: placeName(at),
      samples: at.samples[side] ?? 0,
      rtts: rttsOf(scopes.samplesAt(place), side, pairsAt[place] as PairCounts),
    })),
  ];
}

function rttsOf(samples: Samples, side: SideIndex, pairs: PairCounts): PlaceRtts | undefined {
  const { ack, handshake, data } = answeredIn(samples, side);
  const kernel = merged(ack, handshake);
  const { kind, sorted } = pathOf(kernel, data, pairs);
  if (sorted.length === 0) return undefined;
  const least = Math.min(...[kernel, data].flatMap(([first]) => first ?? []));
  return { kind, least, median: percentile(sorted, 50), p90: percentile(sorted, 90) };
}
