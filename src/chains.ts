/** Lists of numbers in two arrays, for hash tables: of each bucket one, the newest first. */

/** No number; it ends each list. */
export const NONE = -1;

export class Chains {
  /** Of each bucket the first. */
  readonly #heads: Int32Array;
  /** Of each number the one that follows it. */
  readonly #next: Int32Array;

  /** @param most numbers are below it */
  constructor(buckets: number, most: number) {
    this.#heads = new Int32Array(buckets).fill(NONE);
    this.#next = new Int32Array(most);
  }

  /** NONE of an empty one. */
  firstOf(bucket: number): number {
    return this.#heads[bucket] as number;
  }

  /** In the list of its bucket; NONE after the last. */
  after(at: number): number {
    return this.#next[at] as number;
  }

  link(bucket: number, at: number): void {
    this.#next[at] = this.#heads[bucket] as number;
    this.#heads[bucket] = at;
  }

  /** Of the bucket in whose list it is. */
  unlink(bucket: number, at: number): void {
    const next = this.after(at);
    let before = this.firstOf(bucket);
    if (before === at) {
      this.#heads[bucket] = next;
      return;
    }
    while (this.after(before) !== at) before = this.after(before);
    this.#next[before] = next;
  }
}
