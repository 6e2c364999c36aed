/** Numbers of hosts, by their addresses; where that is asked for, at each place by itself. */
import { randomFillSync } from 'node:crypto';
import { Chains, NONE } from '../chains.js';
import { KeyTable } from './key-table.js';

/** A host, as src of an event. */
export interface Peer {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
}

/** Of 32 bits: of an address, and of what else tells hosts apart. */
const ADDRESS_WORDS = 4;
const WORDS = ADDRESS_WORDS + 1;
/** Below the place. */
const VERSION_BITS = 3;
const VERSION_MASK = (1 << VERSION_BITS) - 1;

/** Odd, and another one in each run: nobody far away can choose addresses that share a list. */
const FACTORS = randomFillSync(new Int32Array(WORDS)).map((factor) => factor | 1);

export class HostTable extends KeyTable {
  /** Of each host its key. */
  readonly #words: Int32Array;
  /** By the first bits of their hashes. */
  readonly #chains: Chains;
  /** How many bits of a hash are left out. */
  readonly #shift: number;
  /** What was looked for last. */
  readonly #wanted = new Int32Array(WORDS);

  constructor(most: number) {
    super(most);
    const bits = Math.max(1, Math.ceil(Math.log2(most)));
    this.#words = new Int32Array(WORDS * most);
    this.#chains = new Chains(2 ** bits, most);
    this.#shift = 32 - bits;
  }

  /** -1: it is not there. */
  numberOf(address: Uint8Array, ipVersion: 4 | 6, place = 0): number {
    const wanted = this.#wanted;
    for (let word = 0; word < ADDRESS_WORDS; word++) wanted[word] = wordAt(address, 4 * word);
    wanted[ADDRESS_WORDS] = (place << VERSION_BITS) | ipVersion;
    let at = this.#chains.firstOf(this.#bucketOf(wanted, 0));
    while (at !== NONE && !this.#isWanted(at)) at = this.#chains.after(at);
    return at;
  }

  /** Of the host that was looked for last, and not found. */
  addWanted(): number {
    const at = this.take();
    for (let word = 0; word < WORDS; word++) {
      this.#words[WORDS * at + word] = this.#wanted[word] as number;
    }
    this.#chains.link(this.#bucketOf(this.#wanted, 0), at);
    return at;
  }

  hostAt(at: number): Peer {
    const words = this.#words.subarray(WORDS * at, WORDS * (at + 1));
    const address = new Uint8Array(4 * ADDRESS_WORDS);
    const view = new DataView(address.buffer);
    for (let word = 0; word < ADDRESS_WORDS; word++) view.setInt32(4 * word, words[word] as number);
    const version = (words[ADDRESS_WORDS] as number) & VERSION_MASK;
    return { address, ipVersion: version === 4 ? 4 : 6 };
  }

  protected override unlink(at: number): void {
    this.#chains.unlink(this.#bucketOf(this.#words, WORDS * at), at);
  }

  #isWanted(at: number): boolean {
    const [words, wanted] = [this.#words, this.#wanted];
    const first = WORDS * at;
    for (let word = 0; word < WORDS; word++) {
      if (words[first + word] !== wanted[word]) return false;
    }
    return true;
  }

  /** Of the key in `words` from `first` on. */
  #bucketOf(words: Int32Array, first: number): number {
    let hash = 0;
    for (let word = 0; word < WORDS; word++) {
      hash = (hash + Math.imul(words[first + word] as number, FACTORS[word] as number)) | 0;
    }
    return hash >>> this.#shift;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const upper = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return (upper << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
}
