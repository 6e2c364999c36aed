/** Addresses and networks, as the core compares them. */
import { maskByte, type Prefix } from '../sampling/prefix.js';
import { LITTLE } from './endianness.js';
import { ADDRESS, PREFIX } from './layouts.js';

/** Writes a struct address at `at`, with the first `bits` set. */
export function writeMask(view: DataView, at: number, bits: number): void {
  for (let byte = 0; byte < ADDRESS.size; byte++) view.setUint8(at + byte, maskByte(bits, byte));
}

/** Writes struct prefix at `at`. */
export function writePrefix(view: DataView, at: number, prefix: Prefix): void {
  writeMask(view, at + PREFIX.mask, prefix.bits);
  for (let byte = 0; byte < ADDRESS.size; byte++) {
    const mask = maskByte(prefix.bits, byte);
    view.setUint8(at + PREFIX.address + byte, (prefix.address[byte] ?? 0) & mask);
  }
  view.setUint32(at + PREFIX.ipVersion, prefix.ipVersion, LITTLE);
}
