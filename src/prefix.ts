/** Addresses and networks, as the core compares them. */

/** An address (all bits) or a network. */
export interface Prefix {
  readonly ipVersion: 4 | 6;
  /** 16 bytes, network order; IPv4 is mapped to ::ffff:a.b.c.d. Bits beyond the prefix are ignored. */
  readonly address: Uint8Array;
  /** Of the 128. */
  readonly bits: number;
}

/** A whole address. */
export const ADDRESS_BITS = 128;
const ADDRESS_BYTES = 16;

/** The core has room for so many of a kind (bpf/pping.h). */
export const MOST_PREFIXES = 64;

/** struct prefix (bpf/pping.h) */
export const PREFIX = { address: 0, mask: 16, ipVersion: 32, size: 40 } as const;

/** Writes struct prefix at `at`. */
export function writePrefix(view: DataView, at: number, prefix: Prefix, littleEndian: boolean) {
  for (let byte = 0; byte < ADDRESS_BYTES; byte++) {
    const mask = maskByte(prefix.bits - 8 * byte);
    view.setUint8(at + PREFIX.mask + byte, mask);
    view.setUint8(at + PREFIX.address + byte, (prefix.address[byte] ?? 0) & mask);
  }
  view.setUint32(at + PREFIX.ipVersion, prefix.ipVersion, littleEndian);
}

/** Of the next `bits` bits, the first eight. */
function maskByte(bits: number): number {
  const set = Math.min(8, Math.max(0, bits));
  return (0xff << (8 - set)) & 0xff;
}
