/** Lines become batches: once there are enough, or the first has waited for long enough. In order, and compressed. */
import { type Batch, Gathering, type Portion, toBatch } from './batch.js';

export interface BatchesParts {
  /** Before compression. */
  readonly batchBytes: number;
  /** How long the first line of the next one waits for others, in ms. */
  readonly age: () => number;
  readonly onBatch: (batch: Batch) => void;
}

export class Batches {
  readonly #parts: BatchesParts;
  readonly #gathering = new Gathering();
  /** Of what is being compressed, before it is. */
  #compressing = { bytes: 0, lines: 0 };
  #compressed: Promise<void> = Promise.resolve();
  #ageing: NodeJS.Timeout | undefined;

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /** Of what is no batch yet. */
  get bytes(): number {
    return this.#gathering.bytes + this.#compressing.bytes;
  }

  get lines(): number {
    return this.#gathering.lines + this.#compressing.lines;
  }

  /** @param onTaken called once `bytes` are no longer used */
  add(bytes: Buffer, lines: number, onTaken: () => void): void {
    const { batchBytes, age } = this.#parts;
    this.#gathering.add(bytes, lines, onTaken);
    if (this.#gathering.bytes >= batchBytes) this.#seal();
    else this.#ageing ??= setTimeout(() => this.#seal(), age());
  }

  /** Resolves when all is a batch that was added until now. */
  finish(): Promise<void> {
    this.#seal();
    return this.#compressed;
  }

  /** What was gathered is a batch. */
  #seal(): void {
    clearTimeout(this.#ageing);
    this.#ageing = undefined;
    if (this.#gathering.lines === 0) return;
    const portion = this.#gathering.take();
    this.#count(portion.bytes.length, portion.lines);
    this.#compressed = this.#compressed.then(() => this.#compress(portion));
  }

  async #compress(portion: Portion): Promise<void> {
    const batch = await toBatch(portion);
    this.#count(-portion.bytes.length, -portion.lines);
    this.#parts.onBatch(batch);
  }

  #count(bytes: number, lines: number): void {
    this.#compressing.bytes += bytes;
    this.#compressing.lines += lines;
  }
}
