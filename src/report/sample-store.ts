/** Samples as they come, 21 bytes each, and then in the order of time. */
import type { RttRecord } from './records.js';
import { DATA, flagsOf, HANDSHAKE, type Samples, type SideIndex } from './run-facts.js';

const FIRST_ROOM = 1 << 14;

export class SampleStore {
  #samples = roomFor(FIRST_ROOM);
  #count = 0;
  #isSorted = true;
  #latest = 0;

  /**
   * @param side of its protocol
   * @param peer its index
   */
  add({ time, rtt, handshake, data }: RttRecord, side: SideIndex, peer: number): void {
    if (this.#count === this.#samples.times.length) this.#grow();
    const { times, rtts, peers, flags } = this.#samples;
    times[this.#count] = time;
    rtts[this.#count] = rtt;
    peers[this.#count] = peer;
    flags[this.#count] = flagsOf(side) + (handshake ? HANDSHAKE : 0) + (data ? DATA : 0);
    this.#count++;
    if (time < this.#latest) this.#isSorted = false;
    this.#latest = time;
  }

  get count(): number {
    return this.#count;
  }

  /** Those of one time stay in the order in which they came. */
  sorted(): Samples {
    const samples = cut(this.#samples, this.#count);
    return this.#isSorted ? samples : inOrderOfTime(samples);
  }

  #grow(): void {
    const { times, rtts, peers, flags } = this.#samples;
    const larger = roomFor(2 * times.length);
    larger.times.set(times);
    larger.rtts.set(rtts);
    larger.peers.set(peers);
    larger.flags.set(flags);
    this.#samples = larger;
  }
}

function roomFor(count: number): Samples {
  return {
    times: new Float64Array(count),
    rtts: new Float64Array(count),
    peers: new Uint32Array(count),
    flags: new Uint8Array(count),
  };
}

function cut({ times, rtts, peers, flags }: Samples, count: number): Samples {
  return {
    times: times.subarray(0, count),
    rtts: rtts.subarray(0, count),
    peers: peers.subarray(0, count),
    flags: flags.subarray(0, count),
  };
}

function inOrderOfTime({ times, rtts, peers, flags }: Samples): Samples {
  const order = Uint32Array.from(times, (_, index) => index);
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  return {
    times: times.map((_, index) => times[order[index] as number] as number),
    rtts: rtts.map((_, index) => rtts[order[index] as number] as number),
    peers: peers.map((_, index) => peers[order[index] as number] as number),
    flags: flags.map((_, index) => flags[order[index] as number] as number),
  };
}
