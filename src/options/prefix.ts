/** Addresses and networks as people write them. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ADDRESS_BITS, MAPPED_BITS, MAPPED_PREFIX, type Prefix } from '../sampling/prefix.js';

const BYTE_BITS = 8;

/** `192.0.2.1`, `2001:db8::/32`. Throws an Error that says what is wrong. */
export function parsePrefix(text: string): Prefix {
  const [address = '', length, ...rest] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) {
    throw new Error(
      `${JSON.stringify(text)} is not an address or a network; write for example 192.0.2.1 or 2001:db8::/32`,
    );
  }
  const least = version === 4 ? MAPPED_BITS : 0;
  const bits = length === undefined ? ADDRESS_BITS : least + Number(length);
  if (bits > ADDRESS_BITS) {
    throw new Error(`an IPv${version} prefix has at most ${ADDRESS_BITS - least} bits`);
  }
  const bytes = ipaddr.parse(address).toByteArray();
  if (version === 4) {
    return { ipVersion: 4, address: Uint8Array.from([...MAPPED_PREFIX, ...bytes]), bits };
  }
  // A mapped address is another way to write IPv4.
  const isMapped = bits >= MAPPED_BITS && MAPPED_PREFIX.every((byte, at) => byte === bytes[at]);
  return { ipVersion: isMapped ? 4 : 6, address: Uint8Array.from(bytes), bits };
}

/** Also as pcap-filter(7) has networks: `10.123` is 10.123.0.0/16, `10/12` is 10.0.0.0/12. */
export function parseShortNetwork(text: string): Prefix {
  const [, given, length] = /^(\d{1,3}(?:\.\d{1,3}){0,2})(?:\/(\d+))?$/.exec(text) ?? [];
  if (given === undefined) return parsePrefix(text);
  const octets = given.split('.');
  const address = [...octets, '0', '0', '0'].slice(0, 4).join('.');
  if (isIP(address) === 0) return parsePrefix(text);
  return parsePrefix(`${address}/${length ?? BYTE_BITS * octets.length}`);
}

/** `192.0.2.1`, and no network. */
export function parseAddress(text: string): Prefix {
  if (text.includes('/')) {
    throw new Error(`${JSON.stringify(text)} is a network, not an address; use --net`);
  }
  return parsePrefix(text);
}

/** `192.0.2.0/24`, and no single address. */
export function parseNetwork(text: string): Prefix {
  if (!text.includes('/')) {
    throw new Error(`${JSON.stringify(text)} has no prefix length; write for example 192.0.2.0/24`);
  }
  return parsePrefix(text);
}
