/** A capture: its bytes into the core's memory, its packets into batches. */
import { Fault, messageOf, UsageError } from '../faults.js';
import { asciiText } from '../format/ascii.js';
import type { ReplayCore } from './core.js';
import { type CaptureInput, openInput } from './input.js';
import { isPcap, PCAP_HEADER_BYTES, PcapReader } from './pcap.js';
import { isPcapng, PcapngReader } from './pcapng.js';
import { type CaptureReader, UnreadableCapture } from './reader.js';

/** Little enough to stay in the processor's cache until it has been parsed. */
const READ_BYTES = 1 << 18;

export class Capture {
  readonly #path: string;
  readonly #input: CaptureInput;
  readonly #core: ReplayCore;
  #reader: CaptureReader | undefined;
  /** What is in the core's input and not in a batch yet. */
  #start: number;
  #end: number;
  /** Where that starts in the (decompressed) capture. */
  #offset = 0;
  #isOver = false;
  #isInterrupted = false;
  #damage: string | undefined;

  private constructor(path: string, input: CaptureInput, core: ReplayCore) {
    this.#path = path;
    this.#input = input;
    this.#core = core;
    this.#start = this.#end = core.input.start;
  }

  /** Opens a file, or standard input for `-`. Throws a UsageError or Fault where it is no capture. */
  static async open(path: string, core: ReplayCore): Promise<Capture> {
    const capture = new Capture(path, await openInput(path), core);
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

  /** Why it ended before its end, if it did; in one line. */
  get damage(): string | undefined {
    return this.#damage;
  }

  /** What was left out, in lines. */
  get remarks(): readonly string[] {
    return this.#reader?.remarks ?? [];
  }

  /** Bytes read so far, and all there are; undefined for a stream. */
  get position(): number {
    return this.#input.position;
  }

  get size(): number | undefined {
    return this.#input.size;
  }

  /** Fills the core's batch with what comes next; false at the end. Only when that has been processed. */
  async next(): Promise<boolean> {
    const { batch } = this.#core;
    batch.clear();
    while (!this.#isOver) {
      this.#readBatch();
      if (batch.count > 0) return true;
      const damage = this.#reader?.damage;
      if (damage !== undefined) this.endDamaged(`${damage}, at byte ${this.#offset}`);
      else if (!(await this.#fill())) this.#endOfInput();
    }
    return false;
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
    const { view, batch } = this.#core;
    if (!this.#reader) return;
    const at = this.#reader.read(view, this.#start, this.#end, batch);
    this.#offset += at - this.#start;
    this.#start = at;
  }

  async #readHeader(): Promise<void> {
    while (this.#length < PCAP_HEADER_BYTES && (await this.#fill()));
    if (this.#damage !== undefined) throw new Fault(this.#damage);
    if (this.#length === 0) {
      const isCompressed = this.#input.position > 0;
      throw new Fault(`${this.name} is empty${isCompressed ? ' once decompressed' : ''}`);
    }
    const { view } = this.#core;
    const header = new DataView(view.buffer, this.#start, this.#length);
    try {
      this.#reader = this.#readerFor(header);
    } catch (error) {
      if (!(error instanceof UnreadableCapture)) throw error;
      throw new UsageError(`cannot read ${this.name}: ${error.message}`);
    }
  }

  #readerFor(header: DataView): CaptureReader {
    const onInterface = this.#core.setInterface.bind(this.#core);
    if (isPcapng(header)) return new PcapngReader(onInterface);
    if (!isPcap(header)) {
      throw new UnreadableCapture('it is neither a pcap nor a pcapng file');
    }
    if (header.byteLength < PCAP_HEADER_BYTES) {
      throw new Fault(`${this.name} is cut short: it ends within its header`);
    }
    this.#start += PCAP_HEADER_BYTES;
    this.#offset = PCAP_HEADER_BYTES;
    return new PcapReader(header, onInterface);
  }

  get #length(): number {
    return this.#end - this.#start;
  }

  /** @returns false at the end */
  async #fill(): Promise<boolean> {
    const { start, size } = this.#core.input;
    try {
      await this.#input.ready();
      const bytes = new Uint8Array(this.#core.view.buffer, start, size);
      bytes.copyWithin(0, this.#start - start, this.#end - start);
      this.#end = start + this.#length;
      this.#start = start;
      const taken = this.#input.take(bytes.subarray(this.#end - start).subarray(0, READ_BYTES));
      this.#end += taken;
      return taken > 0;
    } catch (error) {
      if (!this.#isInterrupted) this.endDamaged(messageOf(error));
      return false;
    }
  }

  #endOfInput(): void {
    const isWhole = this.#length === 0 && (this.#reader?.isBetweenRecords ?? true);
    this.#isOver = true;
    if (!isWhole && !this.#isInterrupted && this.#damage === undefined) {
      this.#damage = `${this.name} is cut short: it ends within a record`;
    }
  }

  /** The rest makes no sense. */
  endDamaged(what: string): void {
    this.#isOver = true;
    this.#damage = `${this.name} is damaged: ${what}`;
  }
}
