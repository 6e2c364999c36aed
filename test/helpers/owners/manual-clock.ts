import type { ProcessClock } from '../../../src/owners/processes.js';

/** A clock that stands still unless it is told to go on. */
export class ManualClock implements ProcessClock {
  #now = 1_000;
  readonly #timers = new Set<{ at: number; call: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.#now + milliseconds, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Goes on by so much, stopping at each timer that is due, and for what follows from it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#now = Math.max(next.at, this.#now);
      this.#timers.delete(next);
      next.call();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

/** All that waits for promises only has run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
