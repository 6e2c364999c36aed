/** Packets on their way to the core: a table in its memory. */
import { CAPTURED_PACKET, HOOK } from '../core/layouts.js';

/** Of a packet, what captures do not say. */
export interface Marks {
  /** HOOK */
  readonly hook: number;
  readonly toThisHost: boolean;
  /** That it stands for, where they were merged. */
  readonly segments: number;
}

/** Of a row of the table. */
export const PACKET_WORDS = CAPTURED_PACKET.size / 4;
/** In the word with `interface`, `hook` and `to_this_host`. */
const HOOK_SHIFT = 8 * (CAPTURED_PACKET.hook - CAPTURED_PACKET.interface);
const HOST_SHIFT = 8 * (CAPTURED_PACKET.toThisHost - CAPTURED_PACKET.interface);

export class Batch {
  readonly #table: () => Uint32Array;
  /** The table, for loops that cannot afford a call of add() per packet: writePacket() does the same. */
  words: Uint32Array;
  count = 0;
  /** Of these, how many at the end wait for what is still to come. */
  held = 0;

  /** @param table gives the core's memory for packets as it is now: it moves when it grows */
  constructor(table: () => Uint32Array) {
    this.#table = table;
    this.words = table();
  }

  get isFull(): boolean {
    return this.count * PACKET_WORDS === this.words.length;
  }

  /** Those to be processed. */
  get ready(): number {
    return this.count - this.held;
  }

  clear(): void {
    this.words = this.#table();
    this.count = this.held = 0;
  }

  /** Leaves those that are held, and no others. */
  keepHeld(): void {
    this.words = this.#table();
    this.words.copyWithin(0, this.ready * PACKET_WORDS, this.count * PACKET_WORDS);
    this.count = this.held;
  }

  /** Where in memory the bytes of the packets from `row` on begin. */
  firstByte(row: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (let word = row * PACKET_WORDS; word < this.count * PACKET_WORDS; word += PACKET_WORDS) {
      first = Math.min(first, this.words[word] as number);
    }
    return first;
  }

  /** Their bytes have been moved. */
  shift(by: number): void {
    const end = this.count * PACKET_WORDS;
    for (let word = 0; word < end; word += PACKET_WORDS) {
      this.words[word] = (this.words[word] as number) + by;
    }
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
 * Writes a packet to the table: CAPTURED_PACKET, whose words are literals here and a test holds to it,
 * since constants cost 2 to 5 % of all that a small packet takes.
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
