/** What is told at the end of each interval of a run, and when that is. Times in ns on the clock of the events. */

export abstract class PeriodicReporter {
  readonly #length: bigint;
  #since: bigint | undefined;
  /** All are due at multiples from where the first one began. */
  #next = 0n;

  /** @param length of an interval, in ns */
  constructor(length: bigint) {
    this.#length = length;
  }

  /** An interval ends, and the next begins. */
  abstract report(at: bigint): void | Promise<void>;

  /** The run is over. */
  abstract reportLast(at: bigint): void | Promise<void>;

  /** The first one begins; later calls change nothing. */
  begin(at: bigint): void {
    if (this.#since !== undefined) return;
    this.#since = at;
    this.#next = at + this.#length;
  }

  /** How long it is until the next is due; 0 where it is. */
  untilNext(now: bigint): bigint {
    return this.#next > now ? this.#next - now : 0n;
  }

  /** The clock has been set by so much. */
  move(by: bigint): void {
    if (this.#since !== undefined) this.#since += by;
    this.#next += by;
  }

  /** When the interval under way began; undefined before the first one. */
  protected get since(): bigint | undefined {
    return this.#since;
  }

  /** When what is reported at `at` was due: timers are late. Of a rest at the end, `at`. */
  protected dueAt(at: bigint): bigint {
    return at < this.#next ? at : at - ((at - this.#next) % this.#length);
  }

  /** Whether what is left is a short rest. */
  protected isShort(at: bigint): boolean {
    return 2n * this.#lengthUntil(at) < this.#length;
  }

  /** An interval ends, and the next begins. @returns how long it was */
  protected end(at: bigint): bigint {
    const length = this.#lengthUntil(at);
    this.#since = at;
    if (this.#next <= at) this.#next += (1n + (at - this.#next) / this.#length) * this.#length;
    return length;
  }

  /** What was held back may be told with an earlier time. */
  #lengthUntil(at: bigint): bigint {
    const length = at - (this.#since ?? at);
    return length > 0n ? length : 0n;
  }
}
