/**
 * Which of what is numbered from 0 on makes room for others: the next one round that was not used since it was last
 * passed (the "clock" of page replacement). Unlike the order of use, that costs a use no more than a byte.
 */
export class SecondChance {
  /** 1 of what was used since it was last passed. */
  #isUsed: Uint8Array;
  #hand = 0;

  /** @param room numbers are below it */
  constructor(room: number) {
    this.#isUsed = new Uint8Array(room);
  }

  use(at: number): void {
    this.#isUsed[at] = 1;
  }

  /** All numbers below `size` are taken. @returns the one that makes room; what takes it has not been used */
  next(size: number): number {
    for (; this.#isUsed[this.#hand] === 1; this.#hand = (this.#hand + 1) % size) {
      this.#isUsed[this.#hand] = 0;
    }
    const at = this.#hand;
    this.#hand = (at + 1) % size;
    return at;
  }

  grow(room: number): void {
    const before = this.#isUsed;
    this.#isUsed = new Uint8Array(room);
    this.#isUsed.set(before);
  }
}
