/** What is due when, on the clock of a capture. */
import type { ReplayOptions } from '../options/options.js';

export interface Due {
  readonly at: bigint;
  readonly what: 'sweep' | 'interval' | 'stats' | 'end';
}

interface Intervals extends Pick<ReplayOptions, 'cleanupInterval' | 'statsInterval' | 'duration'> {
  /** Of figures that are told, whatever they are. */
  readonly interval: bigint | undefined;
}

/**
 * The longer no packet came, the longer until the next sweep, and the longer an interval: this part of the gap so far.
 * A gap may be decades, with something to be remembered over it.
 */
const PARTS_OF_GAP = 1_000n;

/** Counts from the first packet. */
export class Schedule {
  readonly #intervals: Intervals;
  #sweep: bigint | undefined;
  #interval: bigint | undefined;
  #stats: bigint | undefined;
  #end: bigint | undefined;

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
  }

  /** When something is due next; the first packet is. */
  get next(): bigint {
    const times = [this.#sweep ?? 0n, this.#interval, this.#stats, this.#end].filter(
      (at) => at !== undefined,
    );
    return times.reduce((a, b) => (b < a ? b : a));
  }

  /**
   * Takes what is due first.
   * @param now the time of the next packet
   * @param latest that of the last one
   * @returns undefined where nothing is due any more
   */
  takeDue(now: bigint, latest = now): Due | undefined {
    if (this.#sweep === undefined) return this.#begin(now);
    const at = this.next;
    if (at > now) return undefined;
    const part = (at - latest) / PARTS_OF_GAP;
    // What happened in an interval is told before its entries are swept away.
    if (at === this.#interval) {
      this.#interval = afterInterval(at, this.#intervals.interval ?? 1n, part, now);
      return { at, what: 'interval' };
    }
    if (at === this.#stats) {
      this.#stats += this.#intervals.statsInterval ?? 0n;
      return { at, what: 'stats' };
    }
    if (at === this.#end) return { at, what: 'end' };
    const { cleanupInterval } = this.#intervals;
    this.#sweep += part > cleanupInterval ? part : cleanupInterval;
    return { at, what: 'sweep' };
  }

  /** Nothing happens until `now`: leaves out what would only say so, but for intervals, which show the silence. */
  skipTo(now: bigint): void {
    const { cleanupInterval, statsInterval } = this.#intervals;
    this.#sweep = nextOf(this.#sweep, cleanupInterval, now);
    if (statsInterval !== undefined) this.#stats = nextOf(this.#stats, statsInterval, now);
  }

  /** The clock has been set by so much. */
  move(by: bigint): void {
    if (this.#sweep !== undefined) this.#sweep += by;
    if (this.#interval !== undefined) this.#interval += by;
    if (this.#stats !== undefined) this.#stats += by;
    if (this.#end !== undefined) this.#end += by;
  }

  #begin(now: bigint): undefined {
    const { cleanupInterval, interval, statsInterval, duration } = this.#intervals;
    this.#sweep = now + cleanupInterval;
    if (interval !== undefined) this.#interval = now + interval;
    if (statsInterval !== undefined) this.#stats = now + statsInterval;
    if (duration !== undefined) this.#end = now + duration;
  }
}

/** One interval later, or as many as are in `part`; but not beyond the first that `now` is in. */
function afterInterval(at: bigint, interval: bigint, part: bigint, now: bigint): bigint {
  const next = at + interval;
  const later = part > interval ? at + part - (part % interval) : next;
  const first = nextOf(next, interval, now) ?? next;
  return later < first ? later : first;
}

/** The first of a series with this interval that is at `now` or later. */
function nextOf(at: bigint | undefined, interval: bigint, now: bigint): bigint | undefined {
  if (at === undefined || at >= now) return at;
  const missed = (now - at + interval - 1n) / interval;
  return at + missed * interval;
}
