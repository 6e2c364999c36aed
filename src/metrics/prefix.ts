/** The prefix that a host is in: /24 of IPv4, /48 of IPv6. */
import type { Endpoints } from '../events/types.js';
import { addressText } from '../text/address.js';

const IPV4_BITS = 24;
const IPV6_BITS = 48;
/** Where the bytes of an IPv4 address are, which is mapped. */
const IPV4_AT = 12;
const ADDRESS_BYTES = 16;
/** Keys of IPv6 are from here on. */
const IPV6_KEYS = 2 ** IPV6_BITS;

type Source = Pick<Endpoints, 'ipVersion' | 'srcAddress'>;

/** A number for the prefix of src, as a table wants it. */
export function prefixKey({ ipVersion, srcAddress }: Source): number {
  return ipVersion === 4
    ? numberIn(srcAddress, IPV4_AT, IPV4_BITS)
    : IPV6_KEYS + numberIn(srcAddress, 0, IPV6_BITS);
}

/** `192.0.2.0/24`, `2001:db8:1::/48` */
export function prefixText({ ipVersion, srcAddress }: Source): string {
  const bits = ipVersion === 4 ? IPV4_BITS : IPV6_BITS;
  const first = ipVersion === 4 ? IPV4_AT : 0;
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set(srcAddress.subarray(0, first + bits / 8));
  return `${addressText(address, ipVersion)}/${bits}`;
}

function numberIn(bytes: Uint8Array, first: number, bits: number): number {
  let number = 0;
  for (let at = first; at < first + bits / 8; at++) number = number * 256 + (bytes[at] as number);
  return number;
}
