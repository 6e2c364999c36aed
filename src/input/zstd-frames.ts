/**
 * Where frames of zstd begin and end (RFC 8878): pzstd and `cat` make files of several. Some versions of Node take
 * what follows the first one for rubbish, and a frame that is cut short for a whole one.
 */
import type { Frames } from './decompressed.js';

const MAGIC = 0xfd2fb528;
/** Anything may be in these; the last four bits as well. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;

/** Decompressing takes no more memory than that, or is refused: zstd's own limit, and Node's. */
export const MOST_WINDOW = 2 ** 27;

export function beginsZstd(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  const magic = viewOf(start).getUint32(0, true);
  return magic === MAGIC || isSkippable(magic);
}

/** How many bytes back the first frame refers. Undefined where its header is not all there, or it is skipped. */
export function windowOf(start: Uint8Array): number | undefined {
  const view = viewOf(start);
  if (start.length < 5 || view.getUint32(0, true) !== MAGIC) return undefined;
  const { isSingle, dictionaryBytes, sizeBytes, length } = headerParts(view.getUint8(4));
  if (start.length < 5 + length) return undefined;
  if (isSingle) return contentSize(view, 5 + dictionaryBytes, sizeBytes);
  const descriptor = view.getUint8(5);
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

export class ZstdFrames implements Frames {
  #frame: Generator<Part, void, DataView> | undefined;
  /** What the frame goes on with, and the first bytes of it, as far as they are looked at. */
  #part: Part = { length: 0, isRead: false };
  #read: number[] = [];
  #missing = 0;

  get hasEnded(): boolean {
    return this.#frame === undefined;
  }

  take(bytes: Uint8Array): number {
    let at = 0;
    if (this.#frame === undefined) this.#begin();
    while (this.#frame !== undefined) {
      const length = Math.min(this.#missing, bytes.length - at);
      if (this.#part.isRead) this.#read.push(...bytes.subarray(at, at + length));
      at += length;
      this.#missing -= length;
      if (this.#missing > 0) break;
      this.#goOn();
    }
    return at;
  }

  #begin(): void {
    this.#frame = frame();
    this.#goOn();
  }

  /** To the next part that has any bytes. */
  #goOn(): void {
    const bytes = Uint8Array.from(this.#read);
    const { value, done } = this.#frame?.next(viewOf(bytes)) ?? { done: true };
    if (done || !value) {
      this.#frame = undefined;
      return;
    }
    this.#part = value;
    this.#missing = value.length;
    this.#read = [];
  }
}

/** So many bytes, which are looked at or not. */
interface Part {
  readonly length: number;
  readonly isRead: boolean;
}

const read = (length: number): Part => ({ length, isRead: true });
const skip = (length: number): Part => ({ length, isRead: false });

/** Its parts, one after the other. What is wrong within it, the decompressor says. */
function* frame(): Generator<Part, void, DataView> {
  const magic = (yield read(4)).getUint32(0, true);
  if (isSkippable(magic)) {
    yield skip((yield read(4)).getUint32(0, true));
    return;
  }
  if (magic !== MAGIC) throw new Error('something else follows its compressed data');
  const { hasChecksum, length } = headerParts((yield read(1)).getUint8(0));
  yield skip(length);
  for (let isLast = false; !isLast; ) {
    const block = yield read(3);
    const header = block.getUint16(0, true) | (block.getUint8(2) << 16);
    isLast = (header & 1) === 1;
    const isRle = ((header >> 1) & 3) === RLE_BLOCK;
    yield skip(isRle ? 1 : header >> 3);
  }
  if (hasChecksum) yield skip(CHECKSUM_BYTES);
}

/** What follows the descriptor in a frame's header. */
function headerParts(descriptor: number) {
  const isSingle = ((descriptor >> 5) & 1) === 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const hasChecksum = ((descriptor >> 2) & 1) === 1;
  const length = (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  return { isSingle, dictionaryBytes, sizeBytes, hasChecksum, length };
}

function contentSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

function isSkippable(magic: number): boolean {
  return (magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
