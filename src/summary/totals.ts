/** What a run adds up to. */
import type { Counters } from '../events/counters.js';
import type { KernelEvent } from '../events/types.js';
import type { Occupancy } from '../sampling/governor.js';
import type { Capacity } from '../sampling/policy.js';
import { Histogram } from './histogram.js';

/** What others have counted. */
export interface Counted {
  readonly counters: Counters;
  /** Identifiers that the last sweep left. */
  readonly waiting: number;
  /** In the maps, after the last sweep. */
  readonly occupancy: Occupancy;
  readonly capacity: Capacity;
  readonly droppedLines: number;
  readonly undecodable: number;
  readonly selfCost?: SelfCost | undefined;
}

/** What a hook's program took. */
export interface HookCost {
  readonly packets: number;
  /** In all. */
  readonly ns: number;
}

/** What pping itself took, where that was asked for. All in nanoseconds. */
export interface SelfCost {
  readonly egress: HookCost;
  readonly ingress: HookCost;
  /** CPU time of this process, from the time the programs were attached. */
  readonly readerNs: number;
  /** For how long all of this was measured. */
  readonly elapsedNs: number;
}

/** All durations in nanoseconds. */
export interface RunTotals extends Counted {
  /** Those held back by --report-interval included. */
  readonly samples: number;
  /** RTTs that were reported, each for one sample or more. */
  readonly reported: number;
  /** Flows seen in both directions. */
  readonly flows: number;
  /** Of the reported RTTs; undefined where there is none. */
  readonly rtt: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}

export class Totals {
  readonly #rtts = new Histogram();
  #samples = 0;
  #reported = 0;
  #flows = 0;

  record(event: KernelEvent): void {
    if (event.type === 'rtt') {
      this.#samples += event.samples;
      this.#reported++;
      this.#rtts.record(event.rtt);
    } else if (event.change === 'opening') {
      this.#flows++;
    }
  }

  get reported(): number {
    return this.#reported;
  }

  /** Until now. */
  with(counted: Counted): RunTotals {
    return {
      samples: this.#samples,
      reported: this.#reported,
      flows: this.#flows,
      rtt: this.#percentiles(),
      ...counted,
    };
  }

  #percentiles(): RunTotals['rtt'] {
    if (this.#reported === 0) return undefined;
    const at = (percent: number) => this.#rtts.percentile(percent);
    return { p50: at(50), p95: at(95), p99: at(99) };
  }
}
