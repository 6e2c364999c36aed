/** Events -> format -> sink, and on the way the totals and what may end the run. */
import { isClosing } from '../events/per-flow.js';
import type {
  AttributionEvent,
  Event,
  KernelEvent,
  OverdueEvent,
  RttEvent,
} from '../events/types.js';
import { Chunk } from '../format/chunk.js';
import type { Formatter, Notice } from '../format/formatter.js';
import type { Attributions } from '../owners/attributions.js';
import type { PidFilter } from '../owners/pid-filter.js';
import type { Sink } from '../sink/sink.js';
import type { ConditionWatch, CountMetric } from '../summary/condition.js';
import type { Totals } from '../summary/totals.js';

/** More than this is handed on before the drain is over. */
const CHUNK_BYTES = 192 * 1024;

export interface PumpParts {
  /** Undefined: nothing is printed. */
  readonly formatter: Formatter | undefined;
  /** Whether only notices are printed. */
  readonly quiet: boolean;
  readonly sink: Sink;
  readonly totals: Totals;
  /** Undefined where nothing is known of flows beyond their packets. */
  readonly attributions?: Attributions | undefined;
  /** Undefined where all are wanted. */
  readonly pidFilter?: PidFilter | undefined;
  /** Who else wants the events; each is to be read before it returns. */
  readonly onEvent?: ((event: KernelEvent) => void) | undefined;
  /** Who else has to know that a flow's attribution has changed. */
  readonly onForget?: ((flowId: number) => void) | undefined;
  /** Enough are so many RTTs. */
  readonly count: number;
  /** Or one of these come true. */
  readonly conditions: readonly ConditionWatch[];
  /** Called when there are enough; later events are left out. */
  readonly onEnough: () => void;
}

export class Pump {
  readonly #parts: PumpParts;
  readonly #chunk = new Chunk();
  #isEnough = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  readonly take = (event: KernelEvent): void => {
    if (this.#isEnough) return;
    const { attributions, pidFilter } = this.#parts;
    if (pidFilter?.passes(event) !== false) this.#takeWanted(event);
    if (attributions && isClosing(event)) attributions.close(event.flowId);
  };

  /** What is told of a flow, before the events that it is about. */
  readonly takeAttribution = (event: AttributionEvent): void => {
    this.#parts.attributions?.take(event);
  };

  /** Names that were not to be had before may be there by now. */
  retryNames(): void {
    this.#parts.attributions?.retry();
  }

  /** This flow's attribution has become known, or has changed: what comes from now on is to have it. */
  forget(flowId: number): void {
    const { formatter, totals, onForget, pidFilter } = this.#parts;
    formatter?.forget?.(flowId);
    totals.forget(flowId);
    onForget?.(flowId);
    for (const event of pidFilter?.release(flowId) ?? []) {
      if (!this.#isEnough) this.#takeWanted(event);
    }
  }

  /** What others have counted may end the run, too. */
  takeCount(metric: CountMetric, count: number): void {
    for (const condition of this.#parts.conditions) condition.takeCount(metric, count);
    this.#endIfMet();
  }

  write(event: Event): void {
    const { formatter, quiet } = this.#parts;
    if (!quiet) formatter?.format(event, this.#chunk);
    if (this.#chunk.length >= CHUNK_BYTES) this.flush();
  }

  /** @returns false where notices have no place among the data */
  notice(notice: Notice): boolean {
    const { formatter } = this.#parts;
    if (!formatter?.notice) return false;
    formatter.notice(notice, this.#chunk);
    return true;
  }

  /** Hands what was formatted to the sink. */
  flush(): void {
    if (this.#chunk.length === 0) return;
    const { bytes, lines, release } = this.#chunk.take();
    this.#parts.sink.write(bytes, lines, release);
  }

  #takeWanted(event: KernelEvent): void {
    const { totals, conditions, count, onEvent } = this.#parts;
    totals.record(event);
    onEvent?.(event);
    this.write(event);
    // There may be millions of events, and mostly there is no condition.
    if (conditions.length > 0 && event.type !== 'flow') this.#weigh(event);
    if (totals.reported >= count && !this.#isEnough) this.#end();
  }

  /** What is overdue has an RTT of at least what it has waited for. */
  #weigh(event: RttEvent | OverdueEvent): void {
    const rtt = event.type === 'rtt' ? event.rtt : event.waited;
    const time = Number(event.timestamp);
    const { samples } = this.#parts.totals;
    for (const condition of this.#parts.conditions) {
      condition.takeRtt(rtt, time);
      condition.takeCount('samples', samples);
    }
    this.#endIfMet();
  }

  #endIfMet(): void {
    const isMet = this.#parts.conditions.some((condition) => condition.isMet);
    if (isMet && !this.#isEnough) this.#end();
  }

  #end(): void {
    this.#isEnough = true;
    this.#parts.onEnough();
  }
}
