/**
 * Flows, each in one direction, as numbers from 0 on: whoever keeps something of them keeps it in arrays at these. Unlike
 * objects in a map, that makes no garbage, and the processor waits for memory less often. The memory is bounded: when
 * it is full, one makes room that has not been looked for since the last time round.
 */
import { Chains, NONE } from '../chains.js';
import { SecondChance } from '../second-chance.js';
import { addressOrderOf } from './address-order.js';
import type { Common, Endpoints } from './types.js';

/** Whose flow and direction are told. */
export type OfFlow = Pick<Common, 'flowId'> & Endpoints;

/** Doubled when it is full, up to the most. */
const FIRST_ROOM = 1_024;

export class FlowTable {
  readonly #most: number;
  /** By the last bits of their cookies, which are consecutive. */
  #chains = new Chains(FIRST_ROOM, FIRST_ROOM);
  #mask = FIRST_ROOM - 1;
  #keys = new Float64Array(FIRST_ROOM);
  readonly #chances = new SecondChance(FIRST_ROOM);
  /** Numbers that were given, from the first on. */
  #size = 0;
  /** Of those, what is free again. */
  readonly #free: number[] = [];

  /** @param most directions of flows, at least 1 */
  constructor(most: number) {
    this.#most = most;
  }

  /** All numbers are below it. It only grows, when one is added. */
  get room(): number {
    return this.#keys.length;
  }

  /** Of the event's flow in the event's direction; -1: it is not there. */
  find(event: OfFlow): number {
    const { flowId } = event;
    const at = this.#numberOf(flowId, 2 * flowId + directionOf(event));
    if (at !== NONE) this.#chances.use(at);
    return at;
  }

  /** Of one that was not found; it may have been another's. */
  add(event: OfFlow): number {
    const { flowId } = event;
    const at = this.#take();
    this.#keys[at] = 2 * flowId + directionOf(event);
    this.#link(at);
    return at;
  }

  /** Of both its directions, as far as they are there. */
  numbersOf(flowId: number): number[] {
    const keys = [2 * flowId, 2 * flowId + 1];
    return keys.map((key) => this.#numberOf(flowId, key)).filter((at) => at !== NONE);
  }

  /** Its numbers may be another's from now on. */
  delete(flowId: number): void {
    for (const at of this.numbersOf(flowId)) {
      this.#unlink(at);
      this.#free.push(at);
    }
  }

  #numberOf(flowId: number, key: number): number {
    let at = this.#chains.firstOf(this.#bucketOf(flowId));
    while (at !== NONE && this.#keys[at] !== key) at = this.#chains.after(at);
    return at;
  }

  #bucketOf(flowId: number): number {
    return flowId & this.#mask;
  }

  #take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#size === this.#most) return this.#makeRoom();
    if (this.#size === this.room) this.#grow();
    return this.#size++;
  }

  #makeRoom(): number {
    const at = this.#chances.next(this.#most);
    this.#unlink(at);
    return at;
  }

  #link(at: number): void {
    this.#chains.link(this.#bucketOf(flowIdOf(this.#keys[at] as number)), at);
  }

  #unlink(at: number): void {
    this.#chains.unlink(this.#bucketOf(flowIdOf(this.#keys[at] as number)), at);
  }

  #grow(): void {
    const room = Math.min(2 * this.room, this.#most);
    const buckets = 2 ** Math.ceil(Math.log2(room));
    this.#mask = buckets - 1;
    this.#keys = copyOf(this.#keys, new Float64Array(room));
    this.#chances.grow(room);
    this.#chains = new Chains(buckets, room);
    for (let at = 0; at < this.#size; at++) this.#link(at);
  }
}

/** What is kept of flows grows with the table of their numbers. @returns the longer one, which begins as the other */
export function copyOf<Numbers extends Float64Array | Int32Array | Uint8Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}

/** The ports tell a flow's directions apart, the addresses only where those are equal. */
function directionOf(event: OfFlow): 0 | 1 {
  const { srcPort, destPort } = event;
  if (srcPort === destPort) return addressOrderOf(event) < 0 ? 1 : 0;
  return srcPort < destPort ? 1 : 0;
}

function flowIdOf(key: number): number {
  return Math.floor(key / 2);
}
