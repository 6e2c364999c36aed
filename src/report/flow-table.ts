/** A small number for each flow id. */
import { randomInt } from 'node:crypto';

const FIRST_BITS = 4;
const WORD = 2 ** 32;

/**
 * V8's hash of a number is the same in each process: whoever writes a run could choose ids that take a Map of them
 * minutes. This one is drawn anew each time.
 */
export class FlowTable {
  readonly #low = randomOdd();
  readonly #high = randomOdd();
  readonly #mix = randomOdd();
  #bits = FIRST_BITS;
  /** One more than the id, so that 0 is an empty place. */
  #keys = new Float64Array(1 << FIRST_BITS);
  #values = new Uint8Array(1 << FIRST_BITS);
  #count = 0;

  /** @param id a whole number from 0 up to 2^53 - 1. @returns 0 where it was not set */
  get(id: number): number {
    return this.#values[this.#placeOf(id)] as number;
  }

  /** @param value up to 255 */
  set(id: number, value: number): void {
    const place = this.#placeOf(id);
    if (this.#keys[place] === 0) this.#count++;
    this.#keys[place] = id + 1;
    this.#values[place] = value;
    if (2 * this.#count > this.#keys.length) this.#grow();
  }

  /** Where it is, or would go: half of the places are empty. */
  #placeOf(id: number): number {
    const last = this.#keys.length - 1;
    let place = this.#hash(id) >>> (32 - this.#bits);
    for (let key = this.#keys[place]; key !== 0 && key !== id + 1; key = this.#keys[place]) {
      place = (place + 1) & last;
    }
    return place;
  }

  #hash(id: number): number {
    const sum = Math.imul(id, this.#low) + Math.imul(Math.floor(id / WORD), this.#high);
    return Math.imul(sum ^ (sum >>> 15), this.#mix);
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#bits++;
    this.#keys = new Float64Array(1 << this.#bits);
    this.#values = new Uint8Array(1 << this.#bits);
    for (const [index, key] of keys.entries()) {
      if (key === 0) continue;
      const place = this.#placeOf(key - 1);
      this.#keys[place] = key;
      this.#values[place] = values[index] as number;
    }
  }
}

function randomOdd(): number {
  return randomInt(WORD) | 1;
}
