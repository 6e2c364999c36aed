/** Events, from the kernel to the output: as often as is cheap, and as many as are of use. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../format/clock.js';
import type { EpochOffset } from '../libbpf/clock.js';
import type { LiveSource } from '../live/source.js';
import type { Sink } from '../sink/sink.js';
import type { Pump } from './pump.js';
import { hasRoom, LAST_ROOM_MS } from './room.js';
import type { Shutdown } from './shutdown.js';

/** The longest an event waits for its reader. */
const DRAIN_INTERVAL_MS = 100;
/** How soon it is seen that far more come than before. */
const LOOK_AFTER_MS = 50;
/** Events taken at once, half of what the small ring buffer holds: all of them make more text than the sink holds. */
export const PORTION = 4_096;
/** Up to so many in DRAIN_INTERVAL_MS, the reader need not be woken by the kernel. */
const FEW = PORTION;
/** The share of the ring buffer that may wait for the output. */
const MOST_BACKLOG = 0.75;
/** As long as none comes; the first one ends it. */
const IDLE_INTERVAL_MS = 5000;
const CLOCK_INTERVAL_MS = 1000;
/** Longer than any wait, but for one for an output that takes nothing. */
const STALLED_MS = 3 * IDLE_INTERVAL_MS;

export interface DrainerParts {
  readonly source: LiveSource;
  readonly pump: Pump;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly epochOffset: EpochOffset;
  readonly shutdown: Shutdown;
}

export class Drainer {
  readonly #parts: DrainerParts;
  /** Events, when it was last tried. */
  #drained = 0;
  /** Those since it last paused. */
  #batch = 0;
  /** When that pause began, on the clock of performance.now(). */
  #paused = Number.NEGATIVE_INFINITY;
  #clockSet = Number.NEGATIVE_INFINITY;
  /** When it last got as far as this, on the clock of performance.now(). */
  #lastTurn = Number.NEGATIVE_INFINITY;

  constructor(parts: DrainerParts) {
    this.#parts = parts;
  }

  /** While there are events, in batches: waking the reader for each would cost the packets' path. */
  async drainNext(): Promise<void> {
    this.#lastTurn = performance.now();
    if (this.#drained === PORTION) await this.#roomForMore();
    else await this.#pause();
    this.#setClock();
    this.#drained = this.#drainPortion();
    this.#lastTurn = performance.now();
  }

  /** Whether it does what it is for: where nothing else is to be done, it tries every few seconds. */
  get isDraining(): boolean {
    return performance.now() - this.#lastTurn < STALLED_MS;
  }

  /** Takes what is there now, and hands it on. */
  drainNow(): void {
    this.#drainPortion();
  }

  /** Takes all events that are there; for when no more come. */
  async drainAll(): Promise<void> {
    const deadline = performance.now() + LAST_ROOM_MS;
    const { sink } = this.#parts;
    while (this.#drainPortion() === PORTION) await hasRoom(sink, deadline - performance.now());
  }

  /**
   * A timer is cheap; being woken by the kernel takes a turn of another thread. It has to be that where none come, and
   * where as many do that the small ring buffer may not hold those of a whole interval.
   */
  async #pause(): Promise<void> {
    const { source } = this.#parts;
    const batch = this.#batch;
    const elapsed = this.#lastTurn - this.#paused;
    this.#batch = 0;
    this.#paused = this.#lastTurn;
    if (batch === 0) await source.waitForEvent(IDLE_INTERVAL_MS);
    else if (batch * DRAIN_INTERVAL_MS > FEW * elapsed) await source.wait(DRAIN_INTERVAL_MS);
    else await this.#sleep();
  }

  /** Nothing wakes it where suddenly more come: it looks. */
  async #sleep(): Promise<void> {
    const { source, shutdown } = this.#parts;
    const { signal } = shutdown;
    const due = performance.now() + DRAIN_INTERVAL_MS;
    if (source.areMany) return;
    await delay(LOOK_AFTER_MS, undefined, { signal });
    const left = due - performance.now();
    if (left > 0 && !source.areMany) await delay(left, undefined, { signal });
  }

  /**
   * Where there are more events, the ring buffer keeps them for a slow output, until that might lose some. Where all
   * have been taken they are not kept back: metrics and conditions would wait for the output, too.
   */
  async #roomForMore(): Promise<void> {
    const { source, sink, shutdown } = this.#parts;
    while (!(await hasRoom(sink, DRAIN_INTERVAL_MS))) {
      if (shutdown.isOver || source.backlog > MOST_BACKLOG) return;
    }
  }

  /** The system clock may have been set. */
  #setClock(): void {
    const now = performance.now();
    if (now - this.#clockSet < CLOCK_INTERVAL_MS) return;
    this.#clockSet = now;
    this.#parts.clock.offset = this.#parts.epochOffset.read();
  }

  #drainPortion(): number {
    const { source, pump } = this.#parts;
    const taken = source.drain(
      { onEvent: pump.accept, onAttribution: pump.acceptAttribution },
      PORTION,
    );
    pump.flush();
    this.#batch += taken;
    return taken;
  }
}
