import * as machine from '../core/endianness.js';

/**
 * ASCII into memory, at a position; each function returns the position after it. Plain functions
 * over plain values, several bytes at a store: this is what millions of lines are made with. What
 * is written may overlap what comes after it, by up to SLACK_BYTES.
 */

export const SLACK_BYTES = 16;

/** A text that is written again and again. */
export interface Piece {
  /**
   * Eight bytes each, at least two, the last filled up. Not meant as numbers, but a store of one is the widest there
   * is, and none is a NaN, whose bits may change: that takes a byte beyond ASCII.
   */
  readonly words: Float64Array;
  readonly length: number;
}

const { LITTLE } = machine;
/** Most names fit them: without a loop they are written in a third of the time. */
const LEAST_WORDS = 2;
const THOUSAND = 1_000;
const BILLION = 1e9;
/** The three digits of 0 to 999, as they are written little-endian. */
const TRIPLES = Uint32Array.from({ length: 1_000 }, (_, number) =>
  Buffer.from(String(number).padStart(3, '0').padEnd(4)).readUInt32LE(),
);

/** @param text ASCII */
export function pieceOf(text: string): Piece {
  const words = new Float64Array(Math.max(LEAST_WORDS, Math.ceil(text.length / 8)));
  Buffer.from(words.buffer).write(text, 'latin1');
  return { words, length: text.length };
}

export const NOTHING = pieceOf('');

export function putPiece(view: DataView, at: number, { words, length }: Piece): number {
  view.setFloat64(at, words[0] as number, LITTLE);
  view.setFloat64(at + 8, words[1] as number, LITTLE);
  for (let i = LEAST_WORDS; i < words.length; i++) {
    view.setFloat64(at + 8 * i, words[i] as number, LITTLE);
  }
  return at + length;
}

/** A whole number from 0 up to 2^53. */
export function putNumber(view: DataView, at: number, value: number): number {
  if (value < THOUSAND) return putLeading(view, at, value | 0);
  if (value < BILLION) return putShort(view, at, value | 0);
  const high = Math.floor(value / BILLION);
  return putNine(view, putNumber(view, at, high), value - high * BILLION);
}

/** A piece, and a number behind it. */
export function putField(view: DataView, at: number, name: Piece, value: number): number {
  return putNumber(view, putPiece(view, at, name), value);
}

/** A whole number below 10^9, with all its nine digits. */
export function putNine(view: DataView, at: number, value: number): number {
  const thousands = ((value | 0) / THOUSAND) | 0;
  const millions = (thousands / THOUSAND) | 0;
  putThree(view, at, millions);
  putThree(view, at + 3, thousands - THOUSAND * millions);
  return putThree(view, at + 6, (value | 0) - THOUSAND * thousands);
}

/** From 1000 up to 10^9. */
function putShort(view: DataView, start: number, value: number): number {
  const thousands = ((value | 0) / THOUSAND) | 0;
  const rest = (value | 0) - THOUSAND * thousands;
  if (thousands < THOUSAND) return putThree(view, putLeading(view, start, thousands), rest);
  const millions = (thousands / THOUSAND) | 0;
  const at = putThree(view, putLeading(view, start, millions), thousands - THOUSAND * millions);
  return putThree(view, at, rest);
}

/** Below 1000, with all three digits. */
function putThree(view: DataView, at: number, value: number): number {
  view.setUint32(at, TRIPLES[value] as number, true);
  return at + 3;
}

/** Below 1000, without leading zeros. */
function putLeading(view: DataView, at: number, value: number): number {
  const digits = value < 10 ? 1 : value < 100 ? 2 : 3;
  view.setUint32(at, (TRIPLES[value] as number) >>> (8 * (3 - digits)), true);
  return at + digits;
}
