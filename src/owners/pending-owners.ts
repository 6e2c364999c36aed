/**
 * Events of connections that are about to have an owner: one that a container has accepted tells whose it is with
 * the first segment that it sends, and its handshake was measured before that. One that was met in mid-stream has its
 * socket looked for.
 */
import { copyOf } from '../events/decode.js';
import { areOwnersSought } from '../events/names.js';
import { isMetInMidStream, isOpening } from '../events/per-flow.js';
import type { KernelEvent } from '../events/types.js';

/** After that they are told as they are, however long the server takes. */
const LONGEST_MS = 250;
/** Of all flows together; beyond, none is held. */
const MOST_HELD = 16_384;

export interface PendingOwnersOptions {
  /** Whether nothing has told yet whose the flow is, or that it is nobody's. */
  readonly isAwaited: (flowId: number) => boolean;
  /** Whether that is about to be looked for of what was met in mid-stream. */
  readonly areEarlierSought?: () => boolean;
  /** In ms, of any beginning; goes forward only. */
  readonly clock?: () => number;
}

interface Held {
  readonly since: number;
  readonly events: KernelEvent[];
}

export class PendingOwners {
  readonly #isAwaited: PendingOwnersOptions['isAwaited'];
  readonly #areEarlierSought: () => boolean;
  readonly #clock: () => number;
  /** Those that have waited longest come first. */
  readonly #held = new Map<number, Held>();
  #count = 0;

  constructor(options: PendingOwnersOptions) {
    const { isAwaited, areEarlierSought = () => false, clock = () => performance.now() } = options;
    this.#isAwaited = isAwaited;
    this.#areEarlierSought = areEarlierSought;
    this.#clock = clock;
  }

  /**
   * @returns what is to be passed on now: nothing while it is held, else the event, behind what was held of its flow.
   * A client may close what it has opened before the server has sent anything: as health checks do
   */
  accept(event: KernelEvent): readonly KernelEvent[] {
    const held = this.#held.get(event.flowId);
    if (this.#count >= MOST_HELD) return [...this.release(event.flowId), event];
    if (!held && !this.#isToHold(event)) return [event];
    const { events } = held ?? this.#hold(event.flowId);
    events.push(copyOf(event));
    this.#count++;
    return [];
  }

  /** Its owner is known. @returns what was held of the flow */
  release(flowId: number): readonly KernelEvent[] {
    const events = this.#held.get(flowId)?.events ?? [];
    this.#held.delete(flowId);
    this.#count -= events.length;
    return events;
  }

  /** @returns what was held of flows whose owner takes too long */
  expired(): readonly KernelEvent[] {
    if (this.#held.size === 0) return [];
    const latest = this.#clock() - LONGEST_MS;
    const expired: KernelEvent[] = [];
    for (const [flowId, { since }] of this.#held) {
      if (since > latest) break;
      expired.push(...this.release(flowId));
    }
    return expired;
  }

  /** @returns all that is held */
  all(): readonly KernelEvent[] {
    return [...this.#held.keys()].flatMap((flowId) => this.release(flowId));
  }

  /** From its opening on, if its handshake was seen; of others only what is looked for tells something later. */
  #isToHold(event: KernelEvent): boolean {
    return (
      isOpening(event) &&
      areOwnersSought(event.protocol) &&
      this.#isAwaited(event.flowId) &&
      (!isMetInMidStream(event) || this.#areEarlierSought())
    );
  }

  #hold(flowId: number): Held {
    const held = { since: this.#clock(), events: [] };
    this.#held.set(flowId, held);
    return held;
  }
}
