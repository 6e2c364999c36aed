/**
 * A map that finds its oldest entry at once. One of JavaScript's own walks past all that were deleted since it was last
 * made anew: of 65,536, in which each newcomer replaces the oldest, some 30,000.
 */

/** So few keys of what is gone may always wait. */
const FEW = 64;

export class OldestFirst<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  /** The keys in the order in which they came, also of those that have gone. */
  #order: Key[] = [];
  /** Before it all have gone. */
  #first = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** @param key that is not there */
  add(key: Key, value: Value): void {
    this.#entries.set(key, value);
    this.#order.push(key);
    if (this.#order.length > 2 * this.#entries.size + FEW) this.#tidy();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
    // It may come back, and is young then.
    if (this.#order[this.#first] === key) this.#first++;
  }

  /** Undefined of none. */
  get oldest(): readonly [key: Key, value: Value] | undefined {
    for (; this.#first < this.#order.length; this.#first++) {
      const key = this.#order[this.#first] as Key;
      const value = this.#entries.get(key);
      if (value !== undefined) return [key, value];
    }
    return undefined;
  }

  #tidy(): void {
    this.#order = [...this.#entries.keys()];
    this.#first = 0;
  }
}
