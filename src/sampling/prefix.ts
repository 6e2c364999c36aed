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
