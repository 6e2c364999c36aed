/** What a run adds up to. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { KernelEvent } from '../events/types.js';

/** All durations in nanoseconds. */
export interface RunTotals {
  readonly samples: number;
  /** Flows seen in both directions. */
  readonly flows: number;
  /** Undefined where there is no sample. */
  readonly rtt: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
  readonly lostRtts: number;
  readonly lostFlowEvents: number;
  readonly droppedLines: number;
  readonly undecodable: number;
  readonly flowMapFull: number;
  readonly timestampMapFull: number;
}

/** Three significant digits from 1 ns up (an HDR histogram), in constant memory. */
const FIGURES = 3;

export class Totals {
  readonly #rtts: RecordableHistogram = createHistogram({ figures: FIGURES });
  #samples = 0;
  #flows = 0;

  record(event: KernelEvent): void {
    if (event.type === 'rtt') {
      this.#samples++;
      // The histogram begins at 1.
      this.#rtts.record(Math.max(1, event.rtt));
    } else if (event.change === 'opening') {
      this.#flows++;
    }
  }

  get samples(): number {
    return this.#samples;
  }

  /** With what others have counted. */
  finish(counted: Omit<RunTotals, 'samples' | 'flows' | 'rtt'>): RunTotals {
    return { samples: this.#samples, flows: this.#flows, rtt: this.#percentiles(), ...counted };
  }

  #percentiles(): RunTotals['rtt'] {
    if (this.#samples === 0) return undefined;
    const at = (percent: number) => this.#rtts.percentile(percent);
    return { p50: at(50), p95: at(95), p99: at(99) };
  }
}
