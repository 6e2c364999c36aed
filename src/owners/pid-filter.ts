/** --pid: events of the wanted processes only; those of which it will be known keep until then. */
import { copyOf } from '../events/decode.js';
import { isClosing } from '../events/per-flow.js';
import type { KernelEvent } from '../events/types.js';
import { forgetOldest } from '../forget-oldest.js';
import { BoundedMap } from './bounded-map.js';

/** Of all flows together. */
const MOST_HELD = 16_384;
/** After that nothing is held of the flow any more: a process that can be found is found by then, as a rule. */
const LONGEST_MS = 30_000;
/** Flows of which that is remembered. */
const MOST_GIVEN_UP = 65_536;
/** Flows of a wanted process that is there. */
const MOST_KNOWN = 65_536;

export interface PidFilterOptions {
  /** At least one. */
  readonly pids: readonly number[];
  readonly processes: FlowProcesses;
  /** In ms, of any beginning; goes forward only. */
  readonly clock?: () => number;
}

export interface FlowProcesses {
  /** Undefined where it is not known, null as long as it is looked for. */
  pidOf(flowId: number): number | null | undefined;
  /** Of the process that listens, where the flow's connection was accepted; undefined where it is not known. */
  listenerPidOf(flowId: number): number | undefined;
}

interface Held {
  readonly since: number;
  readonly events: KernelEvent[];
}

export class PidFilter {
  readonly #pids: ReadonlySet<number>;
  /** When they have ended, those that have: their ids may be others' now. */
  readonly #ended = new Map<number, number>();
  /** Those that were of a wanted process before it ended; they stay so. */
  readonly #known = new Set<number>();
  readonly #processes: FlowProcesses;
  readonly #clock: () => number;
  /** Those that have waited longest come first. */
  readonly #held = new Map<number, Held>();
  readonly #givenUp = new BoundedMap<number, true>(MOST_GIVEN_UP);
  #count = 0;
  #undecided = 0;

  constructor({ pids, processes, clock = () => performance.now() }: PidFilterOptions) {
    this.#pids = new Set(pids);
    this.#processes = processes;
    this.#clock = clock;
  }

  /** Events left out, since it never was known whether they were of a wanted process. */
  get undecided(): number {
    return this.#undecided + this.#count;
  }

  /** The process has ended. What is met from now on is another's, if it has that id. */
  end(pid: number): void {
    this.#ended.set(pid, this.#clock());
  }

  /** @returns what is to be passed on now: nothing, or the event, behind what was held of its flow */
  accept(event: KernelEvent): readonly KernelEvent[] {
    // The kernel has decided: nothing is found out later.
    if (event.type === 'dns') return [event];
    const { flowId } = event;
    const pid = this.#processes.pidOf(flowId);
    if (typeof pid === 'number') return this.#isWanted(pid, flowId) ? [event] : [];
    if (pid === null && !isClosing(event) && !this.#givenUp.get(flowId)) {
      this.#hold(event);
      return [];
    }
    // Its process is looked for no more, or in vain.
    const isWanted = this.#isListenerWanted(flowId);
    return this.#decide(isWanted, [...this.#take(flowId), event]);
  }

  /** More is known of the flow. @returns what was held of it and is to be passed on */
  release(flowId: number): readonly KernelEvent[] {
    const pid = this.#held.has(flowId) ? this.#processes.pidOf(flowId) : undefined;
    if (typeof pid !== 'number') return [];
    const isWanted = this.#isWanted(pid, flowId);
    const events = this.#take(flowId);
    return isWanted ? events : [];
  }

  /**
   * Of flows whose process takes too long: where the closing of one is lost, nothing else would make room.
   * @returns what was held of connections that a wanted process has listened for
   */
  expired(): readonly KernelEvent[] {
    if (this.#held.size === 0) return [];
    const latest = this.#clock() - LONGEST_MS;
    const wanted: KernelEvent[] = [];
    for (const [flowId, { since }] of this.#held) {
      if (since > latest) break;
      this.#givenUp.set(flowId, true);
      const isWanted = this.#isListenerWanted(flowId);
      wanted.push(...this.#decide(isWanted, this.#take(flowId)));
    }
    return wanted;
  }

  /** No process will be found any more. @returns what was held of connections that a wanted one has listened for */
  settle(): readonly KernelEvent[] {
    const flows = [...this.#held.keys()].filter((flowId) => this.#isListenerWanted(flowId));
    return flows.flatMap((flowId) => this.#take(flowId));
  }

  /** Of a flow whose process is not known. */
  #decide(isWanted: boolean, events: readonly KernelEvent[]): readonly KernelEvent[] {
    if (isWanted) return events;
    this.#undecided += events.length;
    return [];
  }

  /** Then a connection whose process is not known is taken for wanted. */
  #isListenerWanted(flowId: number): boolean {
    const pid = this.#processes.listenerPidOf(flowId);
    return pid !== undefined && this.#isWanted(pid, flowId);
  }

  /** To be asked before what is held of the flow is taken. */
  #isWanted(pid: number, flowId: number): boolean {
    if (!this.#pids.has(pid)) return false;
    if (this.#known.has(flowId)) return true;
    const ended = this.#ended.get(pid) ?? Number.POSITIVE_INFINITY;
    const met = this.#held.get(flowId)?.since ?? this.#clock();
    if (met > ended) return false;
    forgetOldest(this.#known, MOST_KNOWN);
    this.#known.add(flowId);
    return true;
  }

  #hold(event: KernelEvent): void {
    if (this.#count >= MOST_HELD) {
      this.#undecided++;
      return;
    }
    const held = this.#held.get(event.flowId);
    const copy = copyOf(event);
    if (held) held.events.push(copy);
    else this.#held.set(event.flowId, { since: this.#clock(), events: [copy] });
    this.#count++;
  }

  #take(flowId: number): readonly KernelEvent[] {
    const events = this.#held.get(flowId)?.events ?? [];
    this.#held.delete(flowId);
    this.#count -= events.length;
    return events;
  }
}
