/** Samples by what they belong to, each group in the order of time. */
import type { Samples } from '../run-facts.js';

/** Of those that are left out. */
export const NO_GROUP = -1;

/** Counting sort: those of group n are from starts[n] up to starts[n + 1]. */
export function groupsOf(
  samples: Samples,
  count: number,
  groupOf: (index: number) => number,
): (group: number) => Samples {
  const starts = startsOf(samples.times.length, count, groupOf);
  const total = starts[count] as number;
  const sorted = {
    times: new Float64Array(total),
    rtts: new Float64Array(total),
    peers: new Uint32Array(total),
    flags: new Uint8Array(total),
  };
  const next = starts.slice();
  for (let index = 0; index < samples.times.length; index++) {
    const group = groupOf(index);
    if (group === NO_GROUP) continue;
    const at = next[group] as number;
    sorted.times[at] = samples.times[index] as number;
    sorted.rtts[at] = samples.rtts[index] as number;
    sorted.peers[at] = samples.peers[index] as number;
    sorted.flags[at] = samples.flags[index] as number;
    next[group] = at + 1;
  }
  return (group) => part(sorted, starts[group] as number, starts[group + 1] as number);
}

function startsOf(length: number, count: number, groupOf: (index: number) => number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let index = 0; index < length; index++) {
    const group = groupOf(index);
    if (group !== NO_GROUP) starts[group + 1] = (starts[group + 1] as number) + 1;
  }
  for (let group = 0; group < count; group++) {
    starts[group + 1] = (starts[group + 1] as number) + (starts[group] as number);
  }
  return starts;
}

function part({ times, rtts, peers, flags }: Samples, from: number, to: number): Samples {
  return {
    times: times.subarray(from, to),
    rtts: rtts.subarray(from, to),
    peers: peers.subarray(from, to),
    flags: flags.subarray(from, to),
  };
}
