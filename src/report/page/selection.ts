/** The samples of one side, and perhaps of one peer, in the order of time. */
import { DATA, HANDSHAKE, type Samples, type SideIndex, sideOf } from '../run-facts.js';
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

/** RTTs by what has answered, each ascending. */
export interface Answered {
  readonly ack: Float64Array;
  readonly handshake: Float64Array;
  readonly data: Float64Array;
}

/** @param peer an index; undefined for all */
export function answeredIn(samples: Samples, side: SideIndex, peer?: number): Answered {
  const { flags, peers, rtts } = samples;
  const room = { ack: 0, handshake: 0, data: 0 };
  const forEach = (tell: (answer: keyof Answered, index: number) => void) => {
    for (let index = 0; index < flags.length; index++) {
      const flag = flags[index] as number;
      if (sideOf(flag) !== side || (peer !== undefined && peers[index] !== peer)) continue;
      tell(answerIn(flag), index);
    }
  };
  forEach((answer) => {
    room[answer]++;
  });
  const ack = new Float64Array(room.ack);
  const handshake = new Float64Array(room.handshake);
  const answered = { ack, handshake, data: new Float64Array(room.data) };
  forEach((answer, index) => {
    answered[answer][--room[answer]] = rtts[index] as number;
  });
  for (const each of Object.values(answered)) each.sort();
  return answered;
}

export function answerIn(flags: number): keyof Answered {
  if (isWithData(flags)) return 'data';
  return flags & HANDSHAKE ? 'handshake' : 'ack';
}

export function isWithData(flags: number): boolean {
  return (flags & DATA) !== 0;
}

export function countHandshakes({ flags }: Samples, side: SideIndex): number {
  const wanted = (flag: number) => sideOf(flag) === side && (flag & HANDSHAKE) !== 0;
  return countWhere(flags.length, (index) => wanted(flags[index] as number));
}

function countWhere(length: number, wanted: (index: number) => boolean): number {
  let count = 0;
  for (let index = 0; index < length; index++) if (wanted(index)) count++;
  return count;
}
