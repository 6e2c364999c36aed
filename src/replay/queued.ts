/** One capture of several: its packets wait in memory of its own for their turn. */
import { INPUT_LIMIT } from '../core/layouts.js';
import { Batch, PACKET_WORDS } from './batch.js';
import { Capture } from './capture.js';
import type { CaptureInterface } from './interfaces.js';
import type { CaptureMemory } from './memory.js';
import { Times } from './times.js';
import { type Described, keyOf, type Track } from './tracks.js';

const MOST_PACKETS = 4096;
const INTERFACE_MASK = 0xffff;

/** Of an interface: packets whose upper word is above `most` have no time, and wait for nothing. */
interface Bound {
  readonly high: number;
  readonly low: number;
  readonly most: number;
}

/** An interface as it was described last. */
interface Seen extends Described {
  readonly times: Times;
}

export class QueuedCapture {
  readonly capture: Capture;
  readonly #interfaces: readonly Seen[];
  /** Where its interfaces are places; set before its first packet is taken. */
  track: Track | undefined;
  readonly #memory: CaptureMemory;
  #row = 0;
  #next: bigint | undefined;

  private constructor(capture: Capture, memory: CaptureMemory, interfaces: readonly Seen[]) {
    this.capture = capture;
    this.#memory = memory;
    this.#interfaces = interfaces;
  }

  /** Throws a UsageError or Fault where it is no capture. */
  static async open(path: string): Promise<QueuedCapture> {
    const interfaces: Seen[] = [];
    const memory = memoryFor((index, description) => {
      const { slot } = interfaces[index] ?? {};
      const key = keyOf(index, description);
      interfaces[index] = { key, description, times: new Times(description.time), slot };
    });
    return new QueuedCapture(await Capture.open(path, memory, 0n), memory, interfaces);
  }

  /** As far as they were described. */
  get interfaces(): (CaptureInterface | undefined)[] {
    return Array.from(this.#interfaces, (each) => each?.description);
  }

  /** How many packets wait. */
  get waiting(): number {
    return this.#memory.batch.count - this.#row;
  }

  /** The time of the next packet that waits; 0n where it has none. */
  get next(): bigint | undefined {
    if (this.waiting === 0) return undefined;
    this.#next ??= this.#timeAt(this.#row);
    return this.#next;
  }

  /** The time of the first of those that wait that has one. */
  get firstTime(): bigint | undefined {
    for (let row = this.#row; row < this.#memory.batch.count; row++) {
      const time = this.#timeAt(row);
      if (time > 0n) return time;
    }
    return this.next;
  }

  /** Reads on, behind what waits. @returns false where there is nothing more, or no room for it */
  async read(): Promise<boolean> {
    const { batch } = this.#memory;
    const before = this.waiting;
    batch.held = before;
    if (this.#row === 0 && batch.isFull) return false;
    await this.capture.next();
    batch.held = this.#row = 0;
    return batch.count > before;
  }

  /** Whether all that is still to come is before `time`, as far as can be told without much reading. */
  async endsBefore(time: bigint): Promise<boolean> {
    do {
      const { count } = this.#memory.batch;
      if (this.waiting > 0 && this.#timeAt(count - 1) >= time) return false;
    } while (await this.read());
    return this.capture.isOver;
  }

  /**
   * Moves packets before `bound` to the memory, as far as there is room.
   * @param at where their bytes go
   * @returns where these end
   */
  move(to: CaptureMemory, at: number, bound: bigint | undefined): number {
    const { batch, view } = this.#memory;
    const room = to.input.start + to.input.size - at;
    const start = batch.words[this.#row * PACKET_WORDS] ?? 0;
    const rows = Math.min(batch.count, this.#row + roomIn(to.batch));
    const end = this.#endOfRun(rows, start + room, bound, to.batch.count === 0);
    if (end === this.#row) return at;
    const last = (end - 1) * PACKET_WORDS;
    const length = (batch.words[last] ?? 0) + (batch.words[last + 1] ?? 0) - start;
    // At once, with what is between them.
    new Uint8Array(to.view.buffer, at, length).set(new Uint8Array(view.buffer, start, length));
    this.#moveRows(to, end, at - start);
    return at + length;
  }

  /**
   * The first packet behind those that may be moved now.
   * @param isEmpty whether no packets wait in the core: an interface may be described otherwise only then
   */
  #endOfRun(rows: number, mostBytes: number, bound: bigint | undefined, isEmpty: boolean): number {
    const { words } = this.#memory.batch;
    let [row, of, limit] = [this.#row, -1, NOTHING];
    for (; row < rows; row++) {
      // The first has been found to be next.
      const isFirst = row === this.#row;
      const word = row * PACKET_WORDS;
      const index = (words[word + 5] as number) & INTERFACE_MASK;
      if (index !== of) {
        if (!(isFirst && isEmpty) && !this.#isTold(index)) break;
        [of, limit] = [index, this.#boundOf(index, bound)];
      }
      const high = words[word + 3] as number;
      const isBefore =
        high < limit.high ||
        (high === limit.high && (words[word + 4] as number) < limit.low) ||
        high > limit.most;
      if (!isBefore && !isFirst) break;
      if ((words[word] as number) + (words[word + 1] as number) > mostBytes) break;
    }
    return row;
  }

  #boundOf(index: number, bound: bigint | undefined): Bound {
    const times = this.#timesOf(index);
    const most = times.mostHigh;
    if (bound === undefined) return { high: Number.POSITIVE_INFINITY, low: 0, most };
    const [high, low] = times.wordsFor(bound);
    return { high, low, most };
  }

  #moveRows({ batch: into }: CaptureMemory, end: number, by: number): void {
    const { words } = this.#memory.batch;
    let to = into.count * PACKET_WORDS;
    let [of, slot] = [-1, 0];
    for (let from = this.#row * PACKET_WORDS; from < end * PACKET_WORDS; from += PACKET_WORDS) {
      const seen = words[from + 5] as number;
      into.words[to] = (words[from] as number) + by;
      for (let word = 1; word < PACKET_WORDS; word++) {
        into.words[to + word] = words[from + word] as number;
      }
      const index = seen & INTERFACE_MASK;
      if (index !== of) [of, slot] = [index, this.#slotOf(index)];
      into.words[to + 5] = (seen & ~INTERFACE_MASK) | slot;
      to += PACKET_WORDS;
    }
    into.count = to / PACKET_WORDS;
    this.#row = end;
    this.#next = undefined;
  }

  #isTold(index: number): boolean {
    return this.track?.isTold(this.#interface(index)) ?? true;
  }

  #slotOf(index: number): number {
    return this.track?.slotOf(this.#interface(index)) ?? 0;
  }

  #timesOf(index: number): Times {
    return this.#interface(index).times;
  }

  #timeAt(row: number): bigint {
    const { words } = this.#memory.batch;
    const word = row * PACKET_WORDS;
    const times = this.#timesOf((words[word + 5] as number) & INTERFACE_MASK);
    return times.at(words[word + 3] as number, words[word + 4] as number);
  }

  #interface(index: number): Seen {
    const seen = this.#interfaces[index];
    if (!seen) throw new Error(`no interface ${index}`);
    return seen;
  }
}

const NOTHING: Bound = { high: 0, low: 0, most: Number.POSITIVE_INFINITY };

function roomIn(batch: Batch): number {
  return batch.words.length / PACKET_WORDS - batch.count;
}

/** As large as the core's. Only what has been used takes memory. */
function memoryFor(setInterface: CaptureMemory['setInterface']): CaptureMemory {
  const view = new DataView(new ArrayBuffer(INPUT_LIMIT.bytes));
  const table = new Uint32Array(MOST_PACKETS * PACKET_WORDS);
  const batch = new Batch(() => table);
  const input = { start: 0, size: view.byteLength };
  return { input, view, batch, setInterface, arrange: () => batch.count };
}
