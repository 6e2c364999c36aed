/** What a member of gzip begins with (RFC 1952, 2.3). */
import { crc32 } from './crc32.js';

const MAGIC = [0x1f, 0x8b];
const DEFLATE = 8;
const FIXED_BYTES = 10;
/** A name or a comment may have any length: none has this one. */
const MOST_BYTES = 1 << 20;

const HAS_CHECK = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const RESERVED = 0xe0;

export function beginsGzip(start: Uint8Array): boolean {
  return start.length >= MAGIC.length && isMagic(start);
}

/**
 * Throws an Error where these are no header's first bytes, or it cannot be read.
 * @returns how long it is; undefined where that takes more of it
 */
export function headerLength(start: Uint8Array): number | undefined {
  if (!isMagic(start)) throw new Error('something else follows its compressed data');
  if (start.length < FIXED_BYTES) return undefined;
  const [, , method, flags = 0] = start;
  if (method !== DEFLATE) throw new Error('unknown compression method');
  if (flags & RESERVED) throw new Error('unknown header flags set');
  const end = endOfFields(start, flags);
  if (end !== undefined && end <= start.length) return end;
  if (start.length > MOST_BYTES) throw new Error('a header that is too long');
  return undefined;
}

/** As far as they are there. */
function isMagic(start: Uint8Array): boolean {
  return MAGIC.every((byte, at) => at >= start.length || start[at] === byte);
}

function endOfFields(start: Uint8Array, flags: number): number | undefined {
  let at = FIXED_BYTES;
  if (flags & HAS_EXTRA) at += 2 + ((start[at] ?? 0) | ((start[at + 1] ?? 0) << 8));
  for (const text of [HAS_NAME, HAS_COMMENT]) {
    if (!(flags & text)) continue;
    const end = start.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  if (!(flags & HAS_CHECK)) return at;
  const check = (start[at] ?? 0) | ((start[at + 1] ?? 0) << 8);
  const isThere = at + 2 <= start.length;
  if (isThere && check !== (crc32(start.subarray(0, at), 0) & 0xffff)) {
    throw new Error('header crc mismatch');
  }
  return at + 2;
}
