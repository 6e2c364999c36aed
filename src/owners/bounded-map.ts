/** What was used last is kept: beyond the limit, entries that were not used for the longest time go. */
import { forgetOldest } from '../forget-oldest.js';

export class BoundedMap<Key, Value> {
  readonly #limit: number;
  readonly #entries = new Map<Key, Value>();

  /** @param limit of entries, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    forgetOldest(this.#entries, this.#limit);
    this.#entries.set(key, value);
  }
}
