/** Packets on their way to the core: a table in its memory. */
import { HOOK, PACKET } from './layout.js';

/** Of a packet, what captures do not say. */
export interface Marks {
  /** HOOK */
  readonly hook: number;
  readonly toThisHost: boolean;
  /** That it stands for, where they were merged. */
  readonly segments: number;
}

const WORDS = PACKET.size / 4;
/** In the word with `interface`, `hook` and `to_this_host`. */
const HOOK_SHIFT = 8 * (PACKET.hook - PACKET.interface);
const HOST_SHIFT = 8 * (PACKET.toThisHost - PACKET.interface);

export class Batch {
  readonly #table: () => Uint32Array;
  readonly #capacity: number;
  #words: Uint32Array;
  #count = 0;

  /** @param table gives the core's memory for packets as it is now: it moves when it grows */
  constructor(table: () => Uint32Array) {
    this.#table = table;
    this.#words = table();
    this.#capacity = this.#words.length / WORDS;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  clear(): void {
    this.#words = this.#table();
    this.#count = 0;
  }

  /**
   * Adds a packet; the batch must not be full.
   * @param data where its `captured` bytes are in the core's memory
   * @param length of the packet on the wire
   * @param timeHigh with timeLow its time, as its interface has it
   */
  add(
    data: number,
    captured: number,
    length: number,
    timeHigh: number,
    timeLow: number,
    interfaceIndex: number,
  ): void {
    const words = this.#words;
    const at = this.#count++ * WORDS;
    words[at] = data;
    words[at + 1] = captured;
    words[at + 2] = length > captured ? length : captured;
    words[at + 3] = timeHigh;
    words[at + 4] = timeLow;
    words[at + 5] = (HOOK.unknown << HOOK_SHIFT) | interfaceIndex;
    words[at + 6] = 0;
  }

  /** Says it of the packet that was added last. */
  mark({ hook, toThisHost, segments }: Marks): void {
    const at = (this.#count - 1) * WORDS;
    const interfaceIndex = (this.#words[at + 5] ?? 0) & 0xffff;
    this.#words[at + 5] =
      interfaceIndex | (hook << HOOK_SHIFT) | (toThisHost ? 1 << HOST_SHIFT : 0);
    this.#words[at + 6] = segments;
  }
}
