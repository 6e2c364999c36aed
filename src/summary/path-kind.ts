/**
 * Which RTTs tell the path (docs/measurement.md, "What answered"). A delayed acknowledgement is in those
 * of bare ACKs, and an application's time in those that were answered with data: none is too short.
 * Those of one host that follow each other show which kind is late. Their medians would not: where a
 * queue is long, the next request may be the answer.
 */
import type { Answer } from '../events/types.js';

/** Of what has answered: kernels (bare ACKs, and those of handshakes), segments with data, or either. */
export type PathKind = 'all' | 'kernel' | 'data';

/** A kind that has fewer says little ... */
export const LEAST_OF_KIND = 20;
/** ... and one that is a smaller part of all may be of other hosts, or of another time. */
export const LEAST_PART = 1 / 4;
/** Where either is less than this part, it changes nothing. */
const LEAST_NOTED = 1 / 100;

/** So much longer is later ... */
const LATER = 1.25;
/** ... and so many pairs have to show it: of all of them, and of one later one to one the other way. */
const LEAST_PAIRS = 10;
const LEAST_LATER = 2 / 5;
/** So few show that an application may be in what is measured. */
const LEAST_NOTED_PAIRS = 3;
const CLEARLY = 2;

export interface KindCounts {
  readonly kernel: number;
  readonly data: number;
}

/** Of two RTTs of a host, one after the other, of which one was answered with data, which is later. */
export type Pair = keyof PairCounts | 'none';

export const PAIRS = ['alike', 'kernelLater', 'dataLater'] as const;
export type PairCounts = Readonly<Record<(typeof PAIRS)[number], number>>;

/** How many pairs of each there are. */
export class PairTally implements Record<keyof PairCounts, number> {
  alike = 0;
  kernelLater = 0;
  dataLater = 0;

  add(pair: Pair): void {
    if (pair !== 'none') this[pair]++;
  }
}

/** The pairs of one host. */
export class Pairing {
  #last = 0;
  #wasData = false;

  /** Begins anew. */
  clear(): void {
    this.#last = 0;
  }

  /** @returns 'none' where the one before was of the same kind, or there is none */
  next(rtt: number, answer: Answer): Pair {
    const isData = answer === 'data';
    const before = this.#last;
    const isPair = before > 0 && isData !== this.#wasData;
    this.#last = rtt;
    this.#wasData = isData;
    if (!isPair) return 'none';
    return isData ? pairOf(before, rtt) : pairOf(rtt, before);
  }
}

/** The same of many, in one array: of each its last RTT, below 0 where that was answered with data; 0 where there is none. */
export function nextPair(lasts: Float64Array, at: number, rtt: number, answer: Answer): Pair {
  const isData = answer === 'data';
  const before = lasts[at] as number;
  lasts[at] = isData ? -rtt : rtt;
  if (isData) return before > 0 ? pairOf(before, rtt) : 'none';
  return before < 0 ? pairOf(rtt, -before) : 'none';
}

function pairOf(kernel: number, data: number): keyof PairCounts {
  if (data > LATER * kernel) return 'dataLater';
  return kernel > LATER * data ? 'kernelLater' : 'alike';
}

/** Whether there is enough of either to tell them apart. */
export function areBothThere({ kernel, data }: KindCounts): boolean {
  return Math.min(kernel, data) > 0 && Math.min(kernel, data) >= LEAST_NOTED * (kernel + data);
}

/**
 * Whether answers with data come later than those of the kernel, as far as is seen: an application takes time. Fewer
 * pairs are enough than to leave the others out.
 */
export function isDataLate({ alike, kernelLater, dataLater }: PairCounts): boolean {
  const all = alike + kernelLater + dataLater;
  return (
    all >= LEAST_NOTED_PAIRS && dataLater >= LEAST_LATER * all && dataLater > CLEARLY * kernelLater
  );
}

export function pathKindOf(counts: KindCounts, pairs: PairCounts): PathKind {
  if (!areBothThere(counts)) return 'all';
  const { kernel, data } = counts;
  const { alike, kernelLater, dataLater } = pairs;
  const all = alike + kernelLater + dataLater;
  const isLate = (later: number, other: number) =>
    all >= LEAST_PAIRS && later >= LEAST_LATER * all && later > CLEARLY * other;
  const enough = Math.max(LEAST_OF_KIND, LEAST_PART * (kernel + data));
  if (kernel >= enough && isLate(dataLater, kernelLater)) return 'kernel';
  return data >= enough && isLate(kernelLater, dataLater) ? 'data' : 'all';
}
