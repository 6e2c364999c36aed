/** What ends a run. */
import { isatty } from 'node:tty';
import type { Fault } from '../faults.js';
import { STDERR } from '../stdio/descriptors.js';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
export type Signal = keyof typeof SIGNALS;
/** The longest that a Node timer waits. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The first end wins; later ones change nothing. */
export class Shutdown {
  readonly #controller = new AbortController();
  #fault: Fault | undefined;
  #isReaderGone = false;

  /** Aborted when the run is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Why the run could not go on, if that is what ended it. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** Whether it was over because nobody read its output any more. */
  get isReaderGone(): boolean {
    return this.#isReaderGone;
  }

  /** Ends the run as wished: count reached, time over, signal. */
  end(): void {
    this.#controller.abort();
  }

  /** Ends the run because nobody reads its output any more. */
  endUnread(): void {
    if (!this.isOver) this.#isReaderGone = true;
    this.end();
  }

  /** Ends the run because it cannot go on. */
  fail(fault: Fault): void {
    if (!this.isOver) this.#fault = fault;
    this.end();
  }

  /**
   * These signals end the run; a second one ends the process at once, for when a clean end takes
   * too long.
   * @returns what undoes this
   */
  onSignals(signals: readonly Signal[]): () => void {
    const handler = (signal: Signal) => {
      if (this.isOver) process.exit(128 + SIGNALS[signal]);
      // The terminal has written ^C into the line.
      if (signal === 'SIGINT' && isatty(STDERR)) process.stderr.write('\n');
      this.end();
    };
    for (const signal of signals) process.on(signal, handler);
    return () => {
      for (const signal of signals) process.off(signal, handler);
    };
  }

  /** Ends the run after `nanoseconds`. @returns what undoes this */
  after(nanoseconds: bigint): () => void {
    const deadline = process.hrtime.bigint() + nanoseconds;
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      const left = deadline - process.hrtime.bigint();
      if (left <= 0n) return this.end();
      timer = setTimeout(wait, Math.min(Number(left / 1_000_000n) + 1, LONGEST_TIMER_MS));
    };
    wait();
    return () => clearTimeout(timer);
  }
}
