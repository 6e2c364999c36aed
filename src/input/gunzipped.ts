/**
 * What is in a file of gzip, which may have several members. Node's own decompressor fails with what follows the last
 * one, and forgets what came before that: this one takes each by itself, and what follows is looked at afterwards.
 */
import { createInflateRaw } from 'node:zlib';
import { type CaptureInput, Chunked } from './chunked.js';
import { crc32 } from './crc32.js';
import { CUT_SHORT, CutShort, Decompressed, PIECE_BYTES } from './decompressed.js';
import { headerLength } from './gzip-header.js';

/** A checksum, and the length. */
const TRAILER_BYTES = 8;
const FIRST_LOOK = 64;

export class Gunzipped extends Chunked {
  readonly #source: Source;
  readonly #chunkSize: number | undefined;
  #member: Member | undefined;
  #isFirst = true;

  /** @param chunkSize how many bytes come out at once, at most */
  constructor(raw: CaptureInput, chunkSize?: number) {
    super();
    this.#source = new Source(raw);
    this.#chunkSize = chunkSize;
  }

  get position(): number {
    return this.#source.position;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  protected async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      this.#member ??= await this.#begin();
      const chunk = await this.#member?.next();
      if (chunk || !this.#member) return chunk;
      await this.#end(this.#member);
      this.#member = undefined;
    }
  }

  close(): void {
    this.#member?.close();
    this.#source.closeRaw();
  }

  /** Undefined where there are no more. */
  async #begin(): Promise<Member | undefined> {
    const [first] = await this.#source.peek(1);
    // Zeros fill up blocks, as on tapes.
    if (first === undefined || (first === 0 && !this.#isFirst)) return undefined;
    this.#isFirst = false;
    let look = FIRST_LOOK;
    for (;;) {
      const start = await this.#source.peek(look);
      const length = headerLength(start);
      if (length !== undefined) {
        this.#source.skip(length);
        return new Member(this.#source, this.#chunkSize);
      }
      if (start.length < look) throw new CutShort(CUT_SHORT);
      look *= 2;
    }
  }

  async #end(member: Member): Promise<void> {
    this.#source.putBack(member.behind);
    member.close();
    const trailer = Buffer.from(await this.#source.peek(TRAILER_BYTES));
    if (trailer.length < TRAILER_BYTES) throw new CutShort(CUT_SHORT);
    this.#source.skip(TRAILER_BYTES);
    if (trailer.readUInt32LE(0) !== member.sum) throw new Error('incorrect data check');
    if (trailer.readUInt32LE(4) !== member.length % 2 ** 32) {
      throw new Error('incorrect length check');
    }
  }
}

class Member extends Decompressed {
  /** Of what has come out. */
  sum = 0;
  length = 0;

  constructor(source: Source, chunkSize?: number) {
    super(source, () => createInflateRaw(chunkSize === undefined ? {} : { chunkSize }));
  }

  override async next(): Promise<Uint8Array | undefined> {
    const chunk = await super.next();
    if (!chunk) return undefined;
    this.sum = crc32(chunk, this.sum);
    this.length += chunk.length;
    return chunk;
  }
}

/** Bytes that may be looked at, and be put back. */
class Source extends Chunked {
  readonly #raw: CaptureInput;

  constructor(raw: CaptureInput) {
    super();
    this.#raw = raw;
  }

  get position(): number {
    return this.#raw.position;
  }

  get size(): number | undefined {
    return this.#raw.size;
  }

  protected async next(): Promise<Uint8Array | undefined> {
    await this.#raw.ready();
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const length = this.#raw.take(piece);
    return length > 0 ? piece.subarray(0, length) : undefined;
  }

  /** Of bytes that have been looked at. */
  skip(length: number): void {
    this.take(new Uint8Array(length));
  }

  /** Members come and go. */
  close(): void {}

  closeRaw(): void {
    this.#raw.close();
  }
}
