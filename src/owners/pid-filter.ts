/** --pid: events of the wanted processes only; those of which it will be known keep until then. */
import { copyOf } from '../events/decode.js';
import { isClosing } from '../events/per-flow.js';
import type { KernelEvent } from '../events/types.js';

/** Of all flows together. */
const MOST_HELD = 16_384;

export interface PidFilterOptions {
  /** At least one. */
  readonly pids: readonly number[];
  /** Undefined where it is not known, null as long as it is looked for. */
  readonly pidOf: (flowId: number) => number | null | undefined;
}

export class PidFilter {
  readonly #pids: ReadonlySet<number>;
  readonly #pidOf: PidFilterOptions['pidOf'];
  readonly #held = new Map<number, KernelEvent[]>();
  #count = 0;
  #undecided = 0;

  constructor({ pids, pidOf }: PidFilterOptions) {
    this.#pids = new Set(pids);
    this.#pidOf = pidOf;
  }

  /** Events left out, since it never was known whether they were of a wanted process. */
  get undecided(): number {
    return this.#undecided + this.#count;
  }

  /** Whether the event is to be passed on now. */
  passes(event: KernelEvent): boolean {
    const pid = this.#pidOf(event.flowId);
    if (typeof pid === 'number') return this.#pids.has(pid);
    if (pid === undefined || this.#count >= MOST_HELD) this.#undecided++;
    else this.#hold(event);
    if (isClosing(event)) this.#drop(event.flowId);
    return false;
  }

  /** More is known of the flow. @returns what was held of it and is to be passed on */
  release(flowId: number): readonly KernelEvent[] {
    const events = this.#held.get(flowId);
    const pid = events && this.#pidOf(flowId);
    if (!events || typeof pid !== 'number') return [];
    this.#held.delete(flowId);
    this.#count -= events.length;
    return this.#pids.has(pid) ? events : [];
  }

  #hold(event: KernelEvent): void {
    const events = this.#held.get(event.flowId);
    const copy = copyOf(event);
    if (events) events.push(copy);
    else this.#held.set(event.flowId, [copy]);
    this.#count++;
  }

  /** It is looked for no more. */
  #drop(flowId: number): void {
    const dropped = this.#held.get(flowId)?.length ?? 0;
    this.#held.delete(flowId);
    this.#count -= dropped;
    this.#undecided += dropped;
  }
}
