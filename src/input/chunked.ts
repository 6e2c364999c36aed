/** The bytes of a capture, as they come. */

export interface CaptureInput {
  /** Resolves when there is something to take, or nothing more will come. */
  ready(): void | Promise<void>;
  /** Takes what is there; 0 only at the end. Throws where it cannot be read, or not decompressed. */
  take(into: Uint8Array): number;
  /** Bytes read so far, before decompression. */
  readonly position: number;
  /** All there are to read; undefined for a stream. */
  readonly size: number | undefined;
  /** Nothing more is wanted: whoever waits for it need not. */
  interrupt(): void;
  /** May be called twice. */
  close(): void;
}

/** In chunks. */
export abstract class Chunked implements CaptureInput {
  #chunk: Uint8Array = Buffer.alloc(0);
  #failure: Error | undefined;
  abstract readonly position: number;
  abstract readonly size: number | undefined;

  /** The next one; undefined at the end. */
  protected abstract next(): Promise<Uint8Array | undefined>;
  abstract close(): void;

  interrupt(): void {
    this.close();
  }

  async peek(length: number): Promise<Uint8Array> {
    while (this.#chunk.length < length) {
      const more = await this.next();
      if (more === undefined) break;
      this.#chunk = Buffer.concat([this.#chunk, more]);
    }
    return this.#chunk.subarray(0, length);
  }

  /** It comes next. */
  putBack(bytes: Uint8Array): void {
    this.#chunk = Buffer.concat([bytes, this.#chunk]);
  }

  async ready(): Promise<void> {
    // What has failed once is not tried again: it might fail otherwise.
    if (this.#chunk.length > 0 || this.#failure) return;
    try {
      this.#chunk = (await this.next()) ?? this.#chunk;
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  take(into: Uint8Array): number {
    if (this.#failure) throw this.#failure;
    const taken = this.#chunk.subarray(0, into.length);
    into.set(taken);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken.length;
  }
}
