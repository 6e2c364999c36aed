/** The prefix that a host is in. */
import { MAPPED_BITS, maskByte } from '../sampling/prefix.js';
import { addressText } from '../text/address.js';

const IPV4_BITS = 32;
/** Where the bytes of an IPv4 address are, which is mapped. */
const IPV4_AT = 12;
/** So many bits of IPv6, besides one for the IP version, are a number that is exact. */
const NUMBER_BITS = 48;
const IPV6_KEYS = 2 ** NUMBER_BITS;

/** An address, or a network. */
export interface Host {
  readonly ipVersion: 4 | 6;
  /** 16 bytes. */
  readonly address: Uint8Array;
}

/** How long prefixes are. */
export interface PrefixLengths {
  /** 0 to 32. */
  readonly bitsV4: number;
  /** 0 to 128. */
  readonly bitsV6: number;
}

export class Prefixes {
  readonly #lengths: PrefixLengths;

  constructor(lengths: PrefixLengths) {
    this.#lengths = lengths;
  }

  /** What a table goes by: a number, where the prefix is not too long for one. */
  keyOf({ ipVersion, address }: Host): number | string {
    const { bitsV4, bitsV6 } = this.#lengths;
    if (ipVersion === 4) return firstBits(address, IPV4_AT, IPV4_BITS, bitsV4);
    if (bitsV6 <= NUMBER_BITS) return IPV6_KEYS + firstBits(address, 0, NUMBER_BITS, bitsV6);
    return String.fromCharCode(...masked(address, bitsV6));
  }

  /** `192.0.2.0/24`, `2001:db8:1::/48` */
  textOf({ ipVersion, address }: Host): string {
    const { bitsV4, bitsV6 } = this.#lengths;
    const [bits, before] = ipVersion === 4 ? [bitsV4, MAPPED_BITS] : [bitsV6, 0];
    return `${addressText(masked(address, before + bits), ipVersion)}/${bits}`;
  }
}

/** Of `all` bits from a byte on, the first `bits`, as a number. */
function firstBits(bytes: Uint8Array, first: number, all: number, bits: number): number {
  let number = 0;
  for (let at = first; at < first + all / 8; at++) number = number * 256 + (bytes[at] as number);
  return Math.floor(number / 2 ** (all - bits));
}

function masked(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, at) => byte & maskByte(bits, at));
}
