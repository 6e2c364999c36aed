/** Addresses cut to their network. */
import { MAPPED_BITS, maskByte } from '../sampling/prefix.js';

/** Lengths of networks: of IPv4 at most 32, of IPv6 at most 128. */
export interface Lengths {
  readonly bitsV4: number;
  readonly bitsV6: number;
}

/** @param address 16 bytes, as of an event. @returns likewise, 0 beyond the network */
export function cut(
  address: Uint8Array,
  ipVersion: 4 | 6,
  { bitsV4, bitsV6 }: Lengths,
): Uint8Array {
  const bits = ipVersion === 4 ? MAPPED_BITS + bitsV4 : bitsV6;
  return address.map((byte, at) => byte & maskByte(bits, at));
}
