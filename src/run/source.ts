/** Where events come from, whatever it is: the kernel's programs (src/live/) or a capture (src/replay/). */
import type { Counters } from '../core/counters.js';
import type { SweepOptions, SweepResult } from '../core/sweep.js';
import type { AttributionEvent, KernelEvent } from '../events/types.js';
import type { Settings } from '../sampling/policy.js';

/** Who gets the events; each is to be read before the call returns. */
export interface Takers {
  readonly onEvent: (event: KernelEvent) => void;
  /** What is told of a flow comes before the events that it is about. */
  readonly onAttribution?: ((event: AttributionEvent) => void) | undefined;
}

export interface Source {
  /** Hands over the events that are there, at most so many. @returns how many */
  drain(takers: Takers, most: number): number;
  /** Changes the settings in force. */
  set(settings: Settings): void;
  /**
   * Forgets what is stale.
   * @param makeRoom drains: called where the sweep cannot go on before; the kernel's is drained beside it
   */
  sweep(options: SweepOptions, makeRoom: () => void | Promise<void>): Promise<SweepResult>;
  counters(): Counters;
  close(): void;
}
