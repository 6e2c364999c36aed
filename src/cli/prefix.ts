/** Addresses and networks as people write them. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type LocalPrefix, MACHINE_BITS } from '../replay/local.js';

/** Bits before those of an IPv4 address, mapped. */
const MAPPED_BITS = 96;
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** `192.0.2.1`, `2001:db8::/32`. Throws an Error that says what is wrong. */
export function parsePrefix(text: string): LocalPrefix {
  const [address = '', length, ...rest] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) {
    throw new Error(
      `${JSON.stringify(text)} is neither an address nor a network: write for example 192.0.2.1 or 2001:db8::/32`,
    );
  }
  const least = version === 4 ? MAPPED_BITS : 0;
  const bits = length === undefined ? MACHINE_BITS : least + Number(length);
  if (bits > MACHINE_BITS) {
    throw new Error(`a network of IPv${version} has at most ${MACHINE_BITS - least} bits`);
  }
  const bytes = ipaddr.parse(address).toByteArray();
  return { address: Uint8Array.from(version === 4 ? [...MAPPED_PREFIX, ...bytes] : bytes), bits };
}
