/** The ways to anonymize addresses, for the views that show them. */
import type { Network } from '../events/aggregate.js';
import type { Anonymizer } from '../events/anonymizer.js';
import { forgetOldest } from '../forget-oldest.js';
import { MAPPED_PREFIX } from '../sampling/prefix.js';
import { CryptoPan } from './crypto-pan.js';
import { cut, type Lengths } from './cut.js';

/** Bounds the memory (20 MB): beyond it, those found longest ago are found again. */
const MOST_PSEUDONYMS = 65_536;

/** Addresses are shown as their networks. */
export class Cutter implements Anonymizer {
  readonly #lengths: Lengths;

  constructor(lengths: Lengths) {
    this.#lengths = lengths;
  }

  addressOf(address: Uint8Array, ipVersion: 4 | 6): Uint8Array {
    return cut(address, ipVersion, this.#lengths);
  }

  networkOf({ address, ipVersion }: Network): Network {
    return { address: this.addressOf(address, ipVersion), ipVersion };
  }
}

/** Addresses are shown as pseudonyms: whoever has the key finds the same ones. */
export class Pseudonyms implements Anonymizer {
  readonly #cryptoPan: CryptoPan;
  readonly #counted: Lengths;
  readonly #most: number;
  readonly #found = new Map<string, Uint8Array>();

  /** @param key of KEY_BYTES. @param counted lengths of the networks that the core counts by */
  constructor(key: Uint8Array, counted: Lengths, most = MOST_PSEUDONYMS) {
    this.#cryptoPan = new CryptoPan(key);
    this.#counted = counted;
    this.#most = most;
  }

  addressOf(address: Uint8Array, ipVersion: 4 | 6): Uint8Array {
    const key = `${ipVersion}${Buffer.from(address).toString('latin1')}`;
    const known = this.#found.get(key);
    if (known) return known;
    const pseudonym = this.#pseudonymOf(address, ipVersion);
    forgetOldest(this.#found, this.#most);
    this.#found.set(key, pseudonym);
    return pseudonym;
  }

  /** That of its hosts, as far as they have it in common. Remembered: most networks come in each interval. */
  networkOf({ address, ipVersion }: Network): Network {
    const pseudonym = this.addressOf(address, ipVersion);
    return { address: cut(pseudonym, ipVersion, this.#counted), ipVersion };
  }

  #pseudonymOf(address: Uint8Array, ipVersion: 4 | 6): Uint8Array {
    if (ipVersion === 6) return this.#cryptoPan.pseudonymOf(address);
    const own = address.subarray(MAPPED_PREFIX.length);
    return Uint8Array.from([...MAPPED_PREFIX, ...this.#cryptoPan.pseudonymOf(own)]);
  }
}
