/** Bytes of payload that a datagram may have: an Initial that a server takes, and what is small. */
export const SIZES = { query: 40, small: 60, full: 1_240 } as const;
