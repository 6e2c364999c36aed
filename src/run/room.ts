/** Waiting for an output: as long as it takes while the run goes on, and then as long as it takes anything. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Sink } from '../sink/sink.js';

/** How long the last lines wait for an output that takes nothing. */
export const LAST_ROOM_MS = 2000;

type Waited = Pick<Sink, 'room'>;

/** For who loses lines where there is no room. */
export class Room {
  readonly #sink: Waited;
  readonly #signal: AbortSignal;
  /** Whether it took nothing for so long that nobody waits for it any more. */
  #isStuck = false;

  /** @param shutdown aborted when the run is over */
  constructor(sink: Waited, shutdown: { readonly signal: AbortSignal }) {
    this.#sink = sink;
    this.#signal = shutdown.signal;
  }

  /** Undefined where there is room, and the run goes on. */
  wait(): Promise<void> | undefined {
    if (this.#signal.aborted) return this.#waitAtEnd();
    return this.#sink
      .room(this.#signal)
      ?.then(() => (this.#signal.aborted ? this.#waitAtEnd() : undefined));
  }

  async #waitAtEnd(): Promise<void> {
    if (!this.#isStuck) this.#isStuck = !(await hasRoom(this.#sink, LAST_ROOM_MS));
  }
}

/** Whether the sink has room, within that time. */
export async function hasRoom(sink: Waited, milliseconds: number): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.max(milliseconds, 0));
  await (sink.room(late.signal) ?? immediate());
  clearTimeout(timer);
  return !late.signal.aborted;
}
