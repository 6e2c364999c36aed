/**
 * ASCII into memory, at a position; each function returns the position after it. Plain functions
 * over plain values, several bytes at a store: this is what millions of lines are made with. What
 * is written may overlap what comes after it, by up to SLACK_BYTES.
 */

export const SLACK_BYTES = 3;

/** A text that is written again and again. */
export interface Piece {
  /** Four bytes each, the last filled up. */
  readonly words: Uint32Array;
  readonly length: number;
}

const BILLION = 1e9;
const ZERO = 0x30;
/** The digits of 0 to 99, as they are written little-endian. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, pair) => ZERO + Math.floor(pair / 10) + ((ZERO + (pair % 10)) << 8),
);

/** @param text ASCII */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.alloc(Math.ceil(text.length / 4) * 4);
  bytes.write(text, 'latin1');
  const words = Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
  return { words, length: text.length };
}

export function putPiece(view: DataView, at: number, { words, length }: Piece): number {
  for (let i = 0; i < words.length; i++) view.setUint32(at + 4 * i, words[i] as number, true);
  return at + length;
}

/** A whole number from 0 up to 2^53. */
export function putNumber(view: DataView, at: number, value: number): number {
  if (value < BILLION) return putDigits(view, at, value | 0, digitsOf(value));
  const high = Math.floor(value / BILLION);
  return putNine(view, putDigits(view, at, high | 0, digitsOf(high)), value - high * BILLION);
}

/** A whole number below 10^9, with all its nine digits. */
export function putNine(view: DataView, at: number, value: number): number {
  return putDigits(view, at, value | 0, 9);
}

function putDigits(view: DataView, start: number, value: number, count: number): number {
  let left = value;
  let at = start + count;
  while (at - start >= 2) {
    const rest = (left / 100) | 0;
    at -= 2;
    view.setUint16(at, PAIRS[left - 100 * rest] as number, true);
    left = rest;
  }
  if (at > start) view.setUint8(start, ZERO + left);
  return start + count;
}

/** Of a whole number below 10^9. */
function digitsOf(value: number): number {
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : 4;
  if (value < 1e6) return value < 1e5 ? 5 : 6;
  return value < 1e8 ? (value < 1e7 ? 7 : 8) : 9;
}
