/** RTTs over the last slices of time: the highest of each. Of 3 s each, the last minute. */

export const SLICE_NS = 3_000_000_000;
export const SLICES = 20;
const LEVELS = '▁▂▃▄▅▆▇█';

export class Sparkline {
  /** Not a typed array, which would take memory outside of the heap for each of thousands of rows. */
  readonly #highest: number[] = Array(SLICES).fill(0);
  /** Number of the slice that was last added to. */
  #latest = Number.NEGATIVE_INFINITY;
  readonly #slice: number;

  /** @param slice how long one is, in the unit of `now` */
  constructor(slice = SLICE_NS) {
    this.#slice = slice;
  }

  /** @param now in nanoseconds, on any clock */
  record(rtt: number, now: number): void {
    const slice = Math.floor(now / this.#slice);
    // An RTT of a handshake may be reported long after it.
    if (slice <= this.#latest - SLICES) return;
    this.#clear(slice);
    const index = slice % SLICES;
    this.#highest[index] = Math.max(this.#highest[index] ?? 0, rtt);
  }

  /** One character a slice, the latest last; from nothing up to the highest RTT of the minute. */
  text(now: number): string {
    const current = Math.floor(now / this.#slice);
    const slices = Array.from({ length: SLICES }, (_, back) => this.#at(current - back)).reverse();
    const highest = Math.max(...slices);
    return slices.map((rtt) => (rtt > 0 ? level(rtt / highest) : ' ')).join('');
  }

  #at(slice: number): number {
    const isKept = slice <= this.#latest && slice > this.#latest - SLICES;
    return isKept ? (this.#highest[slice % SLICES] ?? 0) : 0;
  }

  /** Empties the slices from the last one used to this one. */
  #clear(slice: number): void {
    if (slice <= this.#latest) return;
    const from = Math.max(this.#latest + 1, slice - SLICES + 1);
    for (let each = from; each <= slice; each++) this.#highest[each % SLICES] = 0;
    this.#latest = slice;
  }
}

function level(part: number): string {
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor(part * LEVELS.length))] ?? '';
}
