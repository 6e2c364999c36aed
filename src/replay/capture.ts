/** A capture: its bytes into memory, its packets into batches. */
import { Fault, messageOf, UsageError } from '../faults.js';
import type { CaptureInput } from '../input/chunked.js';
import { CutShort } from '../input/decompressed.js';
import { openInput } from '../input/input.js';
import { asciiText } from '../text/ascii.js';
import type { CaptureFeed } from './feed.js';
import { type CaptureFormat, ENOUGH_TO_TELL, formatOf } from './formats.js';
import { type CaptureMemory, heldBytes, holdBack, MOST_HELD_BYTES, takeAll } from './memory.js';
import { orLate } from './patience.js';
import { type CaptureReader, DEFAULT_REORDER, UnreadableCapture } from './reader.js';

/** Little enough to stay in the processor's cache until it has been parsed. */
const READ_BYTES = 1 << 18;

/** Bad input; one of several that are merged may be, as the last of a ring buffer is at first. */
export class EmptyCapture extends UsageError {}

export class Capture implements CaptureFeed {
  readonly isSeveral = false;
  readonly #path: string;
  readonly #input: CaptureInput;
  readonly #memory: CaptureMemory;
  readonly #reorder: bigint;
  #reader: CaptureReader | undefined;
  /** What is in memory and not in a batch yet. */
  #start: number;
  #end: number;
  /** Where that starts in the (decompressed) capture. */
  #offset = 0;
  #isOver = false;
  /** Something more, or the end. */
  #arrival: Promise<void> | undefined;
  #isInterrupted = false;
  #damage: string | undefined;

  private constructor(path: string, input: CaptureInput, memory: CaptureMemory, reorder: bigint) {
    this.#reorder = reorder;
    this.#path = path;
    this.#input = input;
    this.#memory = memory;
    this.#start = this.#end = memory.input.start;
  }

  /**
   * Opens a file, or standard input for `-`. Throws a UsageError or Fault where it is no capture.
   * @param reorder by how much packets may be out of order and still be put right, in nanoseconds
   * @param openBytes what it is read from
   */
  static async open(
    path: string,
    memory: CaptureMemory,
    reorder: bigint = DEFAULT_REORDER,
    openBytes: (path: string) => Promise<CaptureInput> = openInput,
  ): Promise<Capture> {
    const capture = new Capture(path, await openBytes(path), memory, reorder);
    try {
      await capture.#readHeader();
      return capture;
    } catch (error) {
      capture.close();
      throw error;
    }
  }

  /** As it is called in messages. */
  get name(): string {
    return this.#path === '-' ? 'standard input' : asciiText(this.#path);
  }

  /** As it is called in commands. */
  get file(): string {
    return this.#path === '-' ? 'in.pcap' : this.#path;
  }

  captureOf(): undefined {}

  /** Why it ended before its end, if it did; in one line. */
  get damage(): string | undefined {
    const gap = this.#reader?.gap;
    return gap === undefined ? this.#damage : `${this.name} is damaged: ${gap}`;
  }

  /** Where no packet could be read: what to say. */
  get refusal(): string | undefined {
    const refusal = this.#reader?.refusal;
    return refusal && `cannot read ${this.name}: ${refusal}`;
  }

  /** What was left out, in lines. */
  get remarks(): readonly string[] {
    return this.#reader?.remarks ?? [];
  }

  /** Whether nothing more will come than what is in the batch. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes read so far, and all there are; undefined for a stream. */
  get position(): number {
    return this.#input.position;
  }

  get size(): number | undefined {
    return this.#input.size;
  }

  /** Fills the batch with what comes next; false at the end. Only when that has been processed. */
  async next(): Promise<boolean> {
    const { batch } = this.#memory;
    batch.keepHeld();
    while (!this.#isOver) {
      const before = batch.count;
      this.#readBatch();
      if (this.#reader?.isAtSection) return this.#takeAll();
      if (batch.count > before && holdBack(this.#memory, this.#reorder, this.#start)) return true;
      // What lies between them and here is skipped, but has to stay as well.
      if (this.#heldBytes() > MOST_HELD_BYTES) return this.#takeAll();
      const damage = this.#reader?.damage;
      if (damage !== undefined) this.#endDamaged(`${damage}, at byte ${this.#offset}`);
      else if (!(await this.#isThereMore())) return this.#takeAll();
      else if (!(await this.#fill())) this.#endOfInput();
    }
    return this.#takeAll();
  }

  #takeAll(): boolean {
    return takeAll(this.#memory, this.#reorder);
  }

  #heldBytes(): number {
    return heldBytes(this.#memory, this.#start);
  }

  /** Nothing more is wanted. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#input.interrupt();
  }

  close(): void {
    this.#input.close();
  }

  #readBatch(): void {
    const { view, batch } = this.#memory;
    if (!this.#reader) return;
    const at = this.#reader.read(view, this.#start, this.#end, batch);
    this.#offset += at - this.#start;
    this.#start = at;
  }

  async #readHeader(): Promise<void> {
    let format: CaptureFormat | undefined;
    do format = formatOf(this.#header);
    while (this.#length < (format?.headerBytes ?? ENOUGH_TO_TELL) && (await this.#fill()));
    if (this.#damage !== undefined) throw new Fault(this.#damage);
    if (this.#length === 0) {
      const isCompressed = this.#input.position > 0;
      throw new EmptyCapture(`${this.name} is empty${isCompressed ? ' once decompressed' : ''}`);
    }
    try {
      this.#reader = this.#readerOf(format);
    } catch (error) {
      if (!(error instanceof UnreadableCapture)) throw error;
      throw new UsageError(`cannot read ${this.name}: ${error.message}`);
    }
  }

  /** Behind its header, if it has one. */
  #readerOf(format: CaptureFormat | undefined): CaptureReader {
    if (!format) throw new UnreadableCapture('not a pcap, pcapng or snoop file');
    if (this.#length < format.headerBytes) {
      throw new Fault(`${this.name} is cut short: it ends within its header`);
    }
    const reader = format.open(this.#header, (...args) => this.#memory.setInterface(...args));
    this.#start += format.headerBytes;
    this.#offset = format.headerBytes;
    return reader;
  }

  get #header(): DataView {
    return new DataView(this.#memory.view.buffer, this.#start, this.#length);
  }

  get #length(): number {
    return this.#end - this.#start;
  }

  /**
   * Waits for what comes next, or the end. Of a stream it may be long in coming: what is held back
   * is not to wait for it.
   * @returns false where nothing has come yet
   */
  async #isThereMore(): Promise<boolean> {
    this.#arrival ??= this.#input.ready() || undefined;
    if (this.#arrival === undefined) return true;
    const arrival = this.#arrival.then(() => true);
    const isThere = await (this.#memory.batch.count === 0 ? arrival : orLate(arrival));
    if (isThere) this.#arrival = undefined;
    return isThere;
  }

  /** @returns false at the end */
  async #fill(): Promise<boolean> {
    const { start, size } = this.#memory.input;
    try {
      await this.#input.ready();
      const bytes = new Uint8Array(this.#memory.view.buffer, start, size);
      this.#moveToFront(bytes);
      const taken = this.#input.take(bytes.subarray(this.#end - start).subarray(0, READ_BYTES));
      this.#end += taken;
      return taken > 0;
    } catch (error) {
      if (!this.#isInterrupted) this.#endFaulty(error);
      return false;
    }
  }

  /** What is still needed: packets that are held, and what has not been read. */
  #moveToFront(bytes: Uint8Array): void {
    const { batch, input } = this.#memory;
    const needed = Math.min(this.#start, batch.firstByte(0));
    const by = input.start - needed;
    if (by === 0) return;
    bytes.copyWithin(0, -by, this.#end - input.start);
    batch.shift(by);
    this.#start += by;
    this.#end += by;
  }

  #endOfInput(): void {
    const isWhole = this.#length === 0 && (this.#reader?.isBetweenRecords ?? true);
    this.#isOver = true;
    if (!isWhole && !this.#isInterrupted && this.#damage === undefined) {
      this.#damage = `${this.name} is cut short: it ends within a record`;
    }
  }

  #endFaulty(error: unknown): void {
    this.#isOver = true;
    const isCut = error instanceof CutShort;
    this.#damage = `${this.name} is ${isCut ? 'cut short' : 'damaged'}: ${messageOf(error)}`;
  }

  /** The rest makes no sense. */
  #endDamaged(what: string): void {
    this.#isOver = true;
    this.#damage = `${this.name} is damaged: ${what}`;
  }
}
