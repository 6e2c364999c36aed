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

/** What precedes an IPv4 address, mapped. */
export const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
export const MAPPED_BITS = 8 * MAPPED_PREFIX.length;

/** @param address of the prefix's IP version, as it has it */
export function isWithin(address: Uint8Array, { address: network, bits }: Prefix): boolean {
  return address.every((byte, at) => ((byte ^ (network[at] ?? 0)) & maskByte(bits, at)) === 0);
}

/** The byte at `at` of the mask of a prefix that has so many bits. */
export function maskByte(bits: number, at: number): number {
  const set = Math.min(8, Math.max(0, bits - 8 * at));
  return (0xff << (8 - set)) & 0xff;
}
