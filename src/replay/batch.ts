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

/** Of a row of the table. */
export const PACKET_WORDS = PACKET.size / 4;
/** In the word with `interface`, `hook` and `to_this_host`. */
const HOOK_SHIFT = 8 * (PACKET.hook - PACKET.interface);
const HOST_SHIFT = 8 * (PACKET.toThisHost - PACKET.interface);

export class Batch {
  readonly #table: () => Uint32Array;
  /** The table, for loops that cannot afford a call of add() per packet: writePacket() does the same. */
  words: Uint32Array;
  count = 0;

  /** @param table gives the core's memory for packets as it is now: it moves when it grows */
  constructor(table: () => Uint32Array) {
    this.#table = table;
    this.words = table();
  }

  get isFull(): boolean {
    return this.count * PACKET_WORDS === this.words.length;
  }

  clear(): void {
    this.words = this.#table();
    this.count = 0;
  }

  /** Adds a packet, as writePacket() has it; the batch must not be full. */
  add(
    data: number,
    captured: number,
    length: number,
    timeHigh: number,
    timeLow: number,
    interfaceIndex: number,
  ): void {
    const row = this.count++ * PACKET_WORDS;
    writePacket(this.words, row, data, captured, length, timeHigh, timeLow, interfaceIndex);
  }

  /** Says it of the packet that was added last. */
  mark({ hook, toThisHost, segments }: Marks): void {
    const row = (this.count - 1) * PACKET_WORDS;
    const interfaceIndex = (this.words[row + 5] ?? 0) & 0xffff;
    this.words[row + 5] =
      interfaceIndex | (hook << HOOK_SHIFT) | (toThisHost ? 1 << HOST_SHIFT : 0);
    this.words[row + 6] = segments;
  }
}

/**
 * Writes a packet to the table.
 * @param row its first word
 * @param data where its `captured` bytes are in the core's memory
 * @param length of the packet on the wire
 * @param timeHigh with timeLow its time, as its interface has it
 */
export function writePacket(
  words: Uint32Array,
  row: number,
  data: number,
  captured: number,
  length: number,
  timeHigh: number,
  timeLow: number,
  interfaceIndex: number,
): void {
  words[row] = data;
  words[row + 1] = captured;
  words[row + 2] = length > captured ? length : captured;
  words[row + 3] = timeHigh;
  words[row + 4] = timeLow;
  words[row + 5] = (HOOK.unknown << HOOK_SHIFT) | interfaceIndex;
  words[row + 6] = 0;
}
