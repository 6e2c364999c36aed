/** The first bytes of an input, as if it ended behind them. */
import type { CaptureInput } from './chunked.js';

export class Limited implements CaptureInput {
  readonly #input: CaptureInput;
  #left: number;

  /** @param bytes at most so many, decompressed */
  constructor(input: CaptureInput, bytes: number) {
    this.#input = input;
    this.#left = bytes;
  }

  get position(): number {
    return this.#input.position;
  }

  get size(): number | undefined {
    return this.#input.size;
  }

  ready(): void | Promise<void> {
    return this.#left > 0 ? this.#input.ready() : undefined;
  }

  take(into: Uint8Array): number {
    if (this.#left === 0) return 0;
    const taken = this.#input.take(into.subarray(0, this.#left));
    this.#left -= taken;
    return taken;
  }

  interrupt(): void {
    this.#input.interrupt();
  }

  close(): void {
    this.#input.close();
  }
}
