/** What a compressed input has in it. */
import type { Readable } from 'node:stream';
import { type CaptureInput, Chunked } from './chunked.js';

/** Compressed data that ends before its end. */
export class CutShort extends Error {}

export type Decompressor = NodeJS.ReadWriteStream &
  Readable & {
    /** Into what decompresses, and used there. */
    readonly bytesWritten: number;
  };

/** Where compressed data ends that consists of several parts, each with an end of its own. */
export interface Frames {
  /** How many of these bytes, which follow those before, belong to the frame that has begun, or that begins here. */
  take(bytes: Uint8Array): number;
  /** Whether what was taken so far ends where a frame ends. */
  readonly hasEnded: boolean;
}

export const CUT_SHORT = 'its compressed data ends too early';
/** Of compressed bytes: what is decompressed at once is lost where it is damaged. */
export const PIECE_BYTES = 1 << 16;

/**
 * Pieces go in one after the other, each once what the last one gave has been taken: a stream that
 * fails forgets what nobody has read yet.
 */
export class Decompressed extends Chunked {
  readonly #raw: CaptureInput;
  readonly #create: () => Decompressor;
  readonly #frames: Frames | undefined;
  #stream: Decompressor;
  /** What has been read and has not gone in. */
  #rest: Uint8Array = Buffer.alloc(0);
  /** What has gone in last, and how much has in all, into this stream. */
  #piece: Uint8Array = Buffer.alloc(0);
  #written = 0;
  #failure: unknown;
  /** Whether a piece is on its way, or all have gone in. */
  #isBusy = false;
  #isOver = false;
  /** Something has happened; whoever waits for that. */
  #hasNews = false;
  #onNews: (() => void) | undefined;

  /** @param frames for a decompressor that ends with its frame, and does not tell whether it has got the whole of it */
  constructor(raw: CaptureInput, create: () => Decompressor, frames?: Frames) {
    super();
    this.#raw = raw;
    this.#create = create;
    this.#frames = frames;
    this.#stream = this.#open();
  }

  get position(): number {
    return this.#raw.position;
  }

  get size(): number | undefined {
    return this.#raw.size;
  }

  protected async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#stream.read() as Uint8Array | null;
      if (chunk !== null) return chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver || this.#stream.readableEnded || this.#stream.destroyed) return undefined;
      if (!this.#isBusy) void this.#feed();
      await this.#news();
    }
  }

  close(): void {
    this.#stream.destroy();
    this.#raw.close();
  }

  /** Once it has ended: what was read that is behind that. */
  get behind(): Uint8Array {
    return Buffer.concat([this.#piece.subarray(this.#piece.length - this.#unused), this.#rest]);
  }

  /** How much of the last piece is behind the end of the data. */
  get #unused(): number {
    return this.#written - this.#stream.bytesWritten;
  }

  async #feed(): Promise<void> {
    this.#isBusy = true;
    try {
      if (this.#rest.length === 0) await this.#read();
      if (this.#stream.destroyed) return; // closed meanwhile
      if (this.#rest.length === 0) this.#end();
      else this.#write();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #read(): Promise<void> {
    await this.#raw.ready();
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.#rest = piece.subarray(0, this.#raw.take(piece));
  }

  /** What is left of the piece, or of the frame. */
  #write(): void {
    if (this.#frames?.hasEnded) {
      this.#stream.destroy();
      this.#stream = this.#open();
    }
    const length = this.#frames?.take(this.#rest) ?? this.#rest.length;
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#piece = piece;
    this.#written += piece.length;
    this.#stream.write(piece, () => this.#free());
  }

  #end(): void {
    if (this.#frames === undefined) this.#stream.end();
    else if (this.#frames.hasEnded) this.#isOver = true;
    else this.#fail(new CutShort(CUT_SHORT));
    this.#tell();
  }

  #open(): Decompressor {
    const stream = this.#create();
    this.#written = 0;
    stream.on('error', (error) => this.#fail(error));
    for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.#tell());
    return stream;
  }

  #free(): void {
    // Where something is left of it, the end is on its way.
    this.#isBusy = this.#frames === undefined && this.#unused > 0;
    this.#tell();
  }

  #fail(error: unknown): void {
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    this.#failure ??= isCut ? new CutShort(CUT_SHORT) : error;
    this.#tell();
  }

  #tell(): void {
    this.#hasNews = true;
    this.#onNews?.();
  }

  async #news(): Promise<void> {
    if (!this.#hasNews) {
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
    this.#hasNews = false;
  }
}
