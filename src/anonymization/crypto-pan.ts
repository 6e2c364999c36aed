/**
 * Pseudonyms that keep networks (Crypto-PAn): two addresses whose first n bits are equal have pseudonyms whose first n
 * bits are equal. Whether a bit is turned is a secret function (AES) of the bits before it.
 * Xu, Fan, Ammar, Moon: Prefix-Preserving IP Address Anonymization, ICNP 2002.
 */
import { type Cipher, createCipheriv } from 'node:crypto';

/** The key of AES, and what becomes the bits that pad what is encrypted. */
export const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const BYTE_BITS = 8;
const FIRST_BIT = 0x80;

export class CryptoPan {
  readonly #cipher: Cipher;
  readonly #pad: Uint8Array;

  /** @param key of KEY_BYTES */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key of ${key.length} bytes`);
    // ECB: each block is encrypted by itself, as the scheme has it.
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, BLOCK_BYTES), null);
    this.#pad = this.#cipher.update(key.subarray(BLOCK_BYTES));
  }

  /** @param address 4 or 16 bytes, network order. @returns as many */
  pseudonymOf(address: Uint8Array): Uint8Array {
    const turned = this.#cipher.update(this.#blocksOf(address));
    return address.map((byte, at) => byte ^ firstBits(turned, at * BYTE_BITS));
  }

  /** For each bit of the address a block: the bits before it, and the rest of the pad. */
  #blocksOf(address: Uint8Array): Uint8Array {
    const blocks = new Uint8Array(address.length * BYTE_BITS * BLOCK_BYTES);
    for (let bit = 0; bit < address.length * BYTE_BITS; bit++) {
      const start = bit * BLOCK_BYTES;
      const whole = bit >> 3;
      blocks.set(this.#pad, start);
      blocks.set(address.subarray(0, whole), start);
      const mask = 0xff >> (bit & 7);
      const [own = 0, padded = 0] = [address[whole], this.#pad[whole]];
      blocks[start + whole] = (own & ~mask) | (padded & mask);
    }
    return blocks;
  }
}

/** The first bits of the eight blocks from `block` on, as a byte. */
function firstBits(blocks: Uint8Array, block: number): number {
  let byte = 0;
  for (let bit = 0; bit < BYTE_BITS; bit++) {
    const first = blocks[(block + bit) * BLOCK_BYTES] as number;
    byte |= (first & FIRST_BIT) >> bit;
  }
  return byte;
}
