/** For how long something has been so without a break. */
export class Streak {
  #since: number | undefined;
  #longest = 0;

  /** In nanoseconds. */
  get longest(): number {
    return this.#longest;
  }

  /**
   * @param time in nanoseconds, only to be compared with others; a clock that was set back begins it anew
   * @returns for how long it has been so, in nanoseconds; NaN where it is not
   */
  extend(isSo: boolean, time: number): number {
    if (!isSo) this.#since = undefined;
    else if (this.#since === undefined || time < this.#since) this.#since = time;
    if (this.#since === undefined) return Number.NaN;
    const length = time - this.#since;
    if (length > this.#longest) this.#longest = length;
    return length;
  }
}
