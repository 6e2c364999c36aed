/**
 * A map that finds its oldest entry at once. One of JavaScript's own walks past all that were deleted since it was last
 * made anew: of 65,536, in which each newcomer replaces the oldest, some 30,000.
 */

/** So few of what is gone may always wait. */
const FEW = 64;

interface Entry<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  /** It is there no more, or is younger now. */
  isGone: boolean;
}

export class OldestFirst<Key, Value> {
  readonly #entries = new Map<Key, Entry<Key, Value>>();
  /** In the order in which they came, also those that have gone. */
  #order: Entry<Key, Value>[] = [];
  /** Before it all have gone. */
  #first = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** @param key that is not there */
  add(key: Key, value: Value): void {
    const entry = { key, value, isGone: false };
    this.#entries.set(key, entry);
    this.#order.push(entry);
    if (this.#order.length > 2 * this.#entries.size + FEW) this.#tidy();
  }

  /** It is the youngest from now on. */
  renew(key: Key): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.isGone = true;
    this.add(key, entry.value);
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.isGone = true;
    this.#entries.delete(key);
  }

  /** Undefined of none. */
  get oldest(): readonly [key: Key, value: Value] | undefined {
    for (; this.#first < this.#order.length; this.#first++) {
      const entry = this.#order[this.#first] as Entry<Key, Value>;
      if (!entry.isGone) return [entry.key, entry.value];
    }
    return undefined;
  }

  #tidy(): void {
    this.#order = this.#order.filter(({ isGone }) => !isGone);
    this.#first = 0;
  }
}
