/** Addresses and networks, as the core compares them. */
import { maskByte, type Prefix } from '../sampling/prefix.js';
import { LITTLE } from './endianness.js';
import { ADDRESS, PREFIX } from './layouts.js';

/** Writes struct prefix at `at`. */
export function writePrefix(view: DataView, at: number, prefix: Prefix): void {
  for (let byte = 0; byte < ADDRESS.size; byte++) {
    const mask = maskByte(prefix.bits, byte);
    view.setUint8(at + PREFIX.mask + byte, mask);
    view.setUint8(at + PREFIX.address + byte, (prefix.address[byte] ?? 0) & mask);
  }
  view.setUint32(at + PREFIX.ipVersion, prefix.ipVersion, LITTLE);
}
