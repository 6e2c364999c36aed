/** How fast something grows: over the last readings, so that it does not jump. */

const MOST_READINGS = 5;

export class Rate {
  readonly #readings: { readonly now: number; readonly total: number }[] = [];

  /** @returns per second; `now` is in nanoseconds */
  read(total: number, now: number): number {
    this.#readings.push({ now, total });
    if (this.#readings.length > MOST_READINGS) this.#readings.shift();
    const oldest = this.#readings[0];
    if (!oldest || oldest.now === now) return 0;
    return ((total - oldest.total) * 1e9) / (now - oldest.now);
  }
}
