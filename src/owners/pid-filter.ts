/** --pid: events of the wanted processes only; those of which it will be known keep until then. */
import { copyOf } from '../events/decode.js';
import { isClosing } from '../events/per-flow.js';
import type { KernelEvent } from '../events/types.js';

/** Of all flows together. */
const MOST_HELD = 16_384;

export interface PidFilterOptions {
  /** At least one. */
  readonly pids: readonly number[];
  readonly processes: FlowProcesses;
}

export interface FlowProcesses {
  /** Undefined where it is not known, null as long as it is looked for. */
  pidOf(flowId: number): number | null | undefined;
  /** Of the process that listens, where the flow's connection was accepted; undefined where it is not known. */
  listenerPidOf(flowId: number): number | undefined;
}

export class PidFilter {
  readonly #pids: ReadonlySet<number>;
  readonly #processes: FlowProcesses;
  readonly #held = new Map<number, KernelEvent[]>();
  #count = 0;
  #undecided = 0;

  constructor({ pids, processes }: PidFilterOptions) {
    this.#pids = new Set(pids);
    this.#processes = processes;
  }

  /** Events left out, since it never was known whether they were of a wanted process. */
  get undecided(): number {
    return this.#undecided + this.#count;
  }

  /** @returns what is to be passed on now: nothing, or the event, behind what was held of its flow */
  accept(event: KernelEvent): readonly KernelEvent[] {
    // The kernel has decided: nothing is found out later.
    if (event.type === 'dns') return [event];
    const { flowId } = event;
    const pid = this.#processes.pidOf(flowId);
    if (typeof pid === 'number') return this.#pids.has(pid) ? [event] : [];
    if (pid === null && !isClosing(event)) {
      this.#hold(event);
      return [];
    }
    // Its process is looked for no more.
    if (this.#isListenerWanted(flowId)) return [...this.#take(flowId), event];
    this.#undecided += this.#take(flowId).length + 1;
    return [];
  }

  /** More is known of the flow. @returns what was held of it and is to be passed on */
  release(flowId: number): readonly KernelEvent[] {
    const pid = this.#held.has(flowId) ? this.#processes.pidOf(flowId) : undefined;
    if (typeof pid !== 'number') return [];
    const events = this.#take(flowId);
    return this.#pids.has(pid) ? events : [];
  }

  /** No process will be found any more. @returns what was held of connections that a wanted one has listened for */
  settle(): readonly KernelEvent[] {
    const flows = [...this.#held.keys()].filter((flowId) => this.#isListenerWanted(flowId));
    return flows.flatMap((flowId) => this.#take(flowId));
  }

  /** Then a connection whose process is not known is taken for wanted. */
  #isListenerWanted(flowId: number): boolean {
    const pid = this.#processes.listenerPidOf(flowId);
    return pid !== undefined && this.#pids.has(pid);
  }

  #hold(event: KernelEvent): void {
    if (this.#count >= MOST_HELD) {
      this.#undecided++;
      return;
    }
    const events = this.#held.get(event.flowId);
    const copy = copyOf(event);
    if (events) events.push(copy);
    else this.#held.set(event.flowId, [copy]);
    this.#count++;
  }

  #take(flowId: number): readonly KernelEvent[] {
    const events = this.#held.get(flowId) ?? [];
    this.#held.delete(flowId);
    this.#count -= events.length;
    return events;
  }
}
