/** Addresses and networks, as the core compares them. */
import type { Prefix } from '../sampling/prefix.js';
import { LITTLE } from './endianness.js';
import { ADDRESS, PREFIX } from './layouts.js';

/** Writes struct prefix at `at`. */
export function writePrefix(view: DataView, at: number, prefix: Prefix): void {
  for (let byte = 0; byte < ADDRESS.size; byte++) {
    const mask = maskByte(prefix.bits - 8 * byte);
    view.setUint8(at + PREFIX.mask + byte, mask);
    view.setUint8(at + PREFIX.address + byte, (prefix.address[byte] ?? 0) & mask);
  }
  view.setUint32(at + PREFIX.ipVersion, prefix.ipVersion, LITTLE);
}

/** Of the next `bits` bits, the first eight. */
function maskByte(bits: number): number {
  const set = Math.min(8, Math.max(0, bits));
  return (0xff << (8 - set)) & 0xff;
}
