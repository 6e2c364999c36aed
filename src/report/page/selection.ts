/** The samples of one side, and perhaps of one peer, in the order of time. */
import { HANDSHAKE, type Samples, type SideIndex } from '../run-facts.js';
import { countBelow } from './statistics.js';

export interface SampleSelection {
  /** ms since the epoch. */
  readonly times: Float64Array;
  /** ns. */
  readonly rtts: Float64Array;
}

/** @param peer an index; undefined for all */
export function select(samples: Samples, side: SideIndex, peer?: number): SampleSelection {
  const wanted = (index: number) =>
    sideOf(samples.flags[index] as number) === side &&
    (peer === undefined || samples.peers[index] === peer);
  const count = countWhere(samples.times.length, wanted);
  if (count === samples.times.length) return samples;
  const times = new Float64Array(count);
  const rtts = new Float64Array(count);
  let at = 0;
  for (let index = 0; at < count; index++) {
    if (!wanted(index)) continue;
    times[at] = samples.times[index] as number;
    rtts[at++] = samples.rtts[index] as number;
  }
  return { times, rtts };
}

/** Those from one time up to and with another. */
export function between(
  { times, rtts }: SampleSelection,
  from: number,
  to: number,
): SampleSelection {
  const start = countBelow(times, from);
  let end = countBelow(times, to);
  while (end < times.length && times[end] === to) end++;
  return { times: times.subarray(start, end), rtts: rtts.subarray(start, end) };
}

export function sideOf(flags: number): number {
  return flags & (HANDSHAKE - 1);
}

export function countHandshakes({ flags }: Samples, side: SideIndex): number {
  return countWhere(flags.length, (index) => flags[index] === side + HANDSHAKE);
}

function countWhere(length: number, wanted: (index: number) => boolean): number {
  let count = 0;
  for (let index = 0; index < length; index++) if (wanted(index)) count++;
  return count;
}
