/** What is made once per direction of a flow, and remembered by its cookie: its text, its peer. */
import { copyOf, FlowTable, type OfFlow } from './flow-table.js';
import type { Event, FlowEvent, KernelEvent } from './types.js';

/** Directions of flows, of 65,536 both: bounds the memory. Beyond it some are made again. */
const MOST = 131_072;
/** So many flows may close after one until that is forgotten: a few more RTTs may come of it. */
const CLOSED = 4_096;
/** No flow's cookie. */
const NONE = -1;

export class PerFlow<Value, Of extends OfFlow = KernelEvent> {
  readonly #make: (event: Of, before: Value | undefined) => Value;
  readonly #flows: FlowTable;
  /** By the numbers of flows. */
  readonly #values: (Value | undefined)[] = [];
  /** Likewise: 1 where the value is not to be made anew. */
  #isFresh: Uint8Array;
  /** The last ones that have closed, and where the next goes. */
  readonly #closed = new Float64Array(CLOSED).fill(NONE);
  #nextClosed = 0;

  /**
   * @param make the value; for the other direction another. `before` is the one that was forgotten.
   * @param most directions of flows that are remembered
   */
  constructor(make: (event: Of, before: Value | undefined) => Value, most = MOST) {
    this.#make = make;
    this.#flows = new FlowTable(most);
    this.#isFresh = new Uint8Array(this.#flows.room);
  }

  /** The value of the event's flow, in the event's direction. */
  of(event: Of): Value {
    const at = this.#flows.find(event);
    if (at >= 0 && this.#isFresh[at] === 1) return this.#values[at] as Value;
    return at >= 0 ? this.#keep(at, event, this.#values[at]) : this.#meet(event);
  }

  /** Little more will come of this flow. */
  close(flowId: number): void {
    const earlier = this.#closed[this.#nextClosed] as number;
    this.#closed[this.#nextClosed] = flowId;
    this.#nextClosed = (this.#nextClosed + 1) % CLOSED;
    if (earlier === NONE) return;
    for (const at of this.#flows.numbersOf(earlier)) this.#values[at] = undefined;
    this.#flows.delete(earlier);
  }

  /** What the values of this flow were made from has changed: both are made anew when they are wanted. */
  forget(flowId: number): void {
    for (const at of this.#flows.numbersOf(flowId)) this.#isFresh[at] = 0;
  }

  /** The same of all flows. */
  forgetAll(): void {
    this.#isFresh.fill(0);
  }

  #meet(event: Of): Value {
    const at = this.#flows.add(event);
    const { room } = this.#flows;
    if (room > this.#isFresh.length) this.#isFresh = copyOf(this.#isFresh, new Uint8Array(room));
    return this.#keep(at, event, undefined);
  }

  #keep(at: number, event: Of, before: Value | undefined): Value {
    const value = this.#make(event, before);
    this.#values[at] = value;
    this.#isFresh[at] = 1;
    return value;
  }
}

export function isOpening(event: Event): event is FlowEvent {
  return event.type === 'flow' && event.change === 'opening';
}

/** Of a flow whose handshake was not seen. */
export function isMetInMidStream(event: Event): event is FlowEvent {
  return isOpening(event) && event.reason === 'first observed packet';
}

/** After it, little more comes of its flow. */
export function isClosing(event: Event): event is FlowEvent {
  return event.type === 'flow' && event.change === 'closing';
}
