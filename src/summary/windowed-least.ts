import { DEFAULT_SETTINGS } from '../sampling/policy.js';

/** Unless --min-window says something else; in nanoseconds. */
export const LEAST_WINDOW = Number(DEFAULT_SETTINGS.minWindow);

/**
 * The least RTT of the last window, as the core has it of each flow (bpf/core/rtts.h): that of the half
 * window that is not over, and of the one before. What is older is forgotten: the route may be another.
 */
export class WindowedLeast {
  readonly #half: number;
  #begun = Number.NaN;
  #value = Number.POSITIVE_INFINITY;
  /** Of the half that is not over. */
  #recent = Number.POSITIVE_INFINITY;

  /** @param window in nanoseconds; 0: nothing is forgotten */
  constructor(window: number) {
    this.#half = window > 0 ? window / 2 : Number.POSITIVE_INFINITY;
  }

  /** Infinity of none. */
  get value(): number {
    return this.#value;
  }

  /** Begins anew. */
  clear(): void {
    this.#begun = Number.NaN;
    this.#value = this.#recent = Number.POSITIVE_INFINITY;
  }

  /** Whether a half is over by `now`, or none has begun. A clock that is set back ends it, too. */
  isOver(now: number): boolean {
    return !(Math.abs(now - this.#begun) < this.#half);
  }

  /** @param now in nanoseconds */
  record(rtt: number, now: number): void {
    if (this.isOver(now)) this.turn(now);
    this.lower(rtt);
  }

  /** Within the half that is not over. */
  lower(rtt: number): void {
    if (rtt >= this.#recent) return;
    this.#recent = rtt;
    if (rtt < this.#value) this.#value = rtt;
  }

  /** Begins a half, where isOver(). */
  turn(now: number): void {
    const isNext = Math.abs(now - this.#begun) < 2 * this.#half;
    this.#value = isNext ? this.#recent : Number.POSITIVE_INFINITY;
    this.#recent = Number.POSITIVE_INFINITY;
    this.#begun = now;
  }
}
