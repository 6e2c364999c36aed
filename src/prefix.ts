/** Which side of a capture is ours. */

/** An address (all bits) or a network on our side. */
export interface LocalPrefix {
  /** 16 bytes, network order; IPv4 is mapped to ::ffff:a.b.c.d. */
  readonly address: Uint8Array;
  /** Of the 128. */
  readonly bits: number;
}

/** A whole address is this machine; less is a network behind it. */
export const MACHINE_BITS = 128;

/** The core has room for so many (bpf/replay_pping.c). */
export const MOST_LOCAL = 64;
