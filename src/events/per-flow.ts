/** What is made once per direction of a flow, and remembered by its cookie: its text, its peer. */
import { forgetOldest } from '../forget-oldest.js';
import { addressOrderOf } from './address-order.js';
import type { Event, FlowEvent, KernelEvent } from './types.js';

/** Bounds the memory; beyond it the flows remembered longest are made again. */
const MAX_FLOWS = 65_536;

/** Directions of flows in a table in front of the map, by the last bits of their cookies; a power of two. */
const RECENT = 8_192;

interface Recent<Value> {
  readonly flowId: number;
  readonly srcPort: number;
  readonly value: Value;
}

interface Made<Value> {
  readonly srcPort: number;
  /** As addressOrderOf() has it. Only where nothing else tells the directions apart. */
  readonly addressOrder: number | undefined;
  value: Value;
  /** It is to be made anew. */
  isStale: boolean;
}

export class PerFlow<Value> {
  readonly #make: (event: KernelEvent, before: Value | undefined) => Value;
  readonly #byFlow = new Map<number, Made<Value>[]>();
  readonly #recent: (Recent<Value> | undefined)[] = Array(RECENT).fill(undefined);

  /**
   * @param make the value; for the other direction another. `before` is the one that was forgotten.
   */
  constructor(make: (event: KernelEvent, before: Value | undefined) => Value) {
    this.#make = make;
  }

  /** The value of the event's flow, in the event's direction. */
  of(event: KernelEvent): Value {
    const { flowId, srcPort, destPort } = event;
    // Equal ports do not tell the directions apart.
    if (srcPort === destPort) return this.#find(event);
    const place = placeOf(flowId) | (srcPort < destPort ? 1 : 0);
    const recent = this.#recent[place];
    if (recent?.flowId === flowId && recent.srcPort === srcPort) return recent.value;
    const value = this.#find(event);
    this.#recent[place] = { flowId, srcPort, value };
    return value;
  }

  /** Little more will come of this flow: as a rule the table in front still has it then. */
  close(flowId: number): void {
    this.#byFlow.delete(flowId);
  }

  /** What the values of this flow were made from has changed: both are made anew when they are wanted. */
  forget(flowId: number): void {
    for (const made of this.#byFlow.get(flowId) ?? []) made.isStale = true;
    const place = placeOf(flowId);
    if (this.#recent[place]?.flowId === flowId) this.#recent[place] = undefined;
    if (this.#recent[place + 1]?.flowId === flowId) this.#recent[place + 1] = undefined;
  }

  /** The same of all flows. */
  forgetAll(): void {
    for (const flow of this.#byFlow.values()) for (const made of flow) made.isStale = true;
    this.#recent.fill(undefined);
  }

  #find(event: KernelEvent): Value {
    const made = this.#byFlow.get(event.flowId);
    for (const known of made ?? []) {
      if (isSameWayRound(known, event)) return this.#fresh(known, event);
    }
    const { srcPort, destPort } = event;
    const addressOrder = srcPort === destPort ? addressOrderOf(event) : undefined;
    const value = this.#make(event, undefined);
    const further = { srcPort, addressOrder, value, isStale: false };
    if (made) made.push(further);
    else this.#remember(event.flowId, [further]); // not pushed: that would take room for 16 more
    return value;
  }

  #fresh(made: Made<Value>, event: KernelEvent): Value {
    if (made.isStale) {
      made.value = this.#make(event, made.value);
      made.isStale = false;
    }
    return made.value;
  }

  #remember(flowId: number, made: Made<Value>[]): void {
    forgetOldest(this.#byFlow, MAX_FLOWS);
    this.#byFlow.set(flowId, made);
  }
}

/** Of the first of its two, for the two directions. */
function placeOf(flowId: number): number {
  return (flowId & (RECENT / 2 - 1)) << 1;
}

/** After it, little more comes of its flow. */
export function isClosing(event: Event): event is FlowEvent {
  return event.type === 'flow' && event.change === 'closing';
}

/** Of one flow's two directions: the ports tell them apart, the addresses only where those are equal. */
function isSameWayRound<Value>(known: Made<Value>, event: KernelEvent): boolean {
  if (known.srcPort !== event.srcPort) return false;
  if (known.srcPort !== event.destPort) return true;
  return known.addressOrder === addressOrderOf(event);
}
