/** Which RTTs tell the path, as in the summary. */
import {
  PAIRS,
  type PairCounts,
  Pairing,
  type PathKind,
  pathKindOf,
} from '../../summary/path-kind.js';
import { type Samples, type SideIndex, sideOf } from '../run-facts.js';
import { answerIn } from './selection.js';

/** As a run names it. */
export const QUIC = 'QUIC';

export interface PathRtts {
  readonly kind: PathKind;
  /** Ascending. */
  readonly sorted: Float64Array;
}

const KIND_TEXTS = {
  all: 'all',
  kernel: 'ACKs, handshakes',
  data: 'answers with data',
} as const satisfies Record<PathKind, string>;

/** Its acknowledgements are encrypted. */
const KINDS_OF_QUIC: Record<PathKind, string> = {
  all: 'all',
  kernel: 'handshakes',
  data: 'spin bit',
};

/** Which they are, for people. */
export function kindText(kind: PathKind, protocol: string): string {
  return (protocol === QUIC ? KINDS_OF_QUIC : KIND_TEXTS)[kind];
}

/** @param kernel and data, each ascending */
export function pathOf(kernel: Float64Array, data: Float64Array, pairs: PairCounts): PathRtts {
  const kind = pathKindOf({ kernel: kernel.length, data: data.length }, pairs);
  return { kind, sorted: kind === 'all' ? merged(kernel, data) : { kernel, data }[kind] };
}

const NO_PAIRS: PairCounts = { alike: 0, kernelLater: 0, dataLater: 0 };

/** Of each peer's RTTs, in the order of time. */
export class PairsByPeer {
  readonly #peers: ({ pairing: Pairing; counts: Record<keyof PairCounts, number> } | undefined)[] =
    [];

  constructor({ flags, peers, rtts }: Samples, side: SideIndex) {
    for (let index = 0; index < flags.length; index++) {
      const flag = flags[index] as number;
      if (sideOf(flag) !== side) continue;
      const peer = peers[index] as number;
      this.#peers[peer] ??= { pairing: new Pairing(), counts: { ...NO_PAIRS } };
      const { pairing, counts } = this.#peers[peer];
      const pair = pairing.next(rtts[index] as number, answerIn(flag));
      if (pair !== 'none') counts[pair]++;
    }
  }

  of(peer: number): PairCounts {
    return this.#peers[peer]?.counts ?? NO_PAIRS;
  }

  get sum(): PairCounts {
    return this.sumsBy(1, () => 0)[0] ?? NO_PAIRS;
  }

  /** @param groupOf from 0 up to `groups` */
  sumsBy(groups: number, groupOf: (peer: number) => number): PairCounts[] {
    const sums = Array.from({ length: groups }, () => ({ ...NO_PAIRS }));
    for (const [peer, each] of this.#peers.entries()) {
      const sum = each && sums[groupOf(peer)];
      if (sum) for (const pair of PAIRS) sum[pair] += each.counts[pair];
    }
    return sums;
  }
}

/** Both ascending, and so is what they become. */
export function merged(one: Float64Array, other: Float64Array): Float64Array {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const both = new Float64Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both.sort();
}
