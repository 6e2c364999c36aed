/** What is made once per direction of a flow, and remembered by its cookie: its text, its peer. */
import { forgetOldest } from '../forget-oldest.js';
import { addressOrderOf } from './address-order.js';
import type { Common, Endpoints, Event, FlowEvent, KernelEvent } from './types.js';

/** Bounds the memory; beyond it the flows remembered longest are made again. */
const MAX_FLOWS = 65_536;

/** Directions of flows in a table in front of the map, by the last bits of their cookies; a power of two. */
const RECENT = 8_192;
/** No flow's cookie. */
const NONE = -1;

/** Whose flow and direction are told. */
type OfFlow = Pick<Common, 'flowId'> & Endpoints;

/** Of one direction of a flow. */
interface Made<Value> {
  readonly flowId: number;
  readonly srcPort: number;
  /** As addressOrderOf() has it. Only where nothing else tells the directions apart. */
  readonly addressOrder: number | undefined;
  value: Value;
  /** It is to be made anew. */
  isStale: boolean;
  /** Of the other direction, once that is known. */
  other: Made<Value> | undefined;
}

export class PerFlow<Value, Of extends OfFlow = KernelEvent> {
  readonly #make: (event: Of, before: Value | undefined) => Value;
  readonly #most: number;
  readonly #byFlow = new Map<number, Made<Value>>();
  /**
   * Of each the cookie and the source port, and apart its value: with thousands of flows the processor waits for
   * memory, and waits once less where it need not follow a pointer to find out whose the value is.
   */
  readonly #recent = new Float64Array(2 * RECENT).fill(NONE);
  readonly #recentValues: (Value | undefined)[] = Array(RECENT).fill(undefined);

  /**
   * @param make the value; for the other direction another. `before` is the one that was forgotten.
   * @param most flows that are remembered
   */
  constructor(make: (event: Of, before: Value | undefined) => Value, most = MAX_FLOWS) {
    this.#make = make;
    this.#most = most;
  }

  /** The value of the event's flow, in the event's direction. */
  of(event: Of): Value {
    const { flowId, srcPort, destPort } = event;
    // Equal ports do not tell the directions apart.
    if (srcPort === destPort) return this.#find(event).value;
    const place = placeOf(flowId) | (srcPort < destPort ? 1 : 0);
    const at = 2 * place;
    if (this.#recent[at] === flowId && this.#recent[at + 1] === srcPort) {
      return this.#recentValues[place] as Value;
    }
    const { value } = this.#find(event);
    this.#recent[at] = flowId;
    this.#recent[at + 1] = srcPort;
    this.#recentValues[place] = value;
    return value;
  }

  /** Little more will come of this flow: as a rule the table in front still has it then. */
  close(flowId: number): void {
    this.#byFlow.delete(flowId);
  }

  /** What the values of this flow were made from has changed: both are made anew when they are wanted. */
  forget(flowId: number): void {
    markStale(this.#byFlow.get(flowId));
    const at = 2 * placeOf(flowId);
    if (this.#recent[at] === flowId) this.#recent[at] = NONE;
    if (this.#recent[at + 2] === flowId) this.#recent[at + 2] = NONE;
  }

  /** The same of all flows. */
  forgetAll(): void {
    for (const made of this.#byFlow.values()) markStale(made);
    this.#recent.fill(NONE);
  }

  #find(event: Of): Made<Value> {
    const first = this.#byFlow.get(event.flowId);
    if (!first) return this.#remember(this.#madeOf(event));
    if (isSameWayRound(first, event)) return this.#fresh(first, event);
    if (first.other) return this.#fresh(first.other, event);
    first.other = this.#madeOf(event);
    return first.other;
  }

  #madeOf(event: Of): Made<Value> {
    const { flowId, srcPort, destPort } = event;
    const addressOrder = srcPort === destPort ? addressOrderOf(event) : undefined;
    const value = this.#make(event, undefined);
    return { flowId, srcPort, addressOrder, value, isStale: false, other: undefined };
  }

  #fresh(made: Made<Value>, event: Of): Made<Value> {
    if (made.isStale) {
      made.value = this.#make(event, made.value);
      made.isStale = false;
    }
    return made;
  }

  #remember(made: Made<Value>): Made<Value> {
    forgetOldest(this.#byFlow, this.#most);
    this.#byFlow.set(made.flowId, made);
    return made;
  }
}

function markStale<Value>(first: Made<Value> | undefined): void {
  for (let made = first; made; made = made.other) made.isStale = true;
}

/** Of the first of its two, for the two directions. */
function placeOf(flowId: number): number {
  return (flowId & (RECENT / 2 - 1)) << 1;
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

/** Of one flow's two directions: the ports tell them apart, the addresses only where those are equal. */
function isSameWayRound<Value>(known: Made<Value>, event: OfFlow): boolean {
  if (known.srcPort !== event.srcPort) return false;
  if (known.srcPort !== event.destPort) return true;
  return known.addressOrder === addressOrderOf(event);
}
