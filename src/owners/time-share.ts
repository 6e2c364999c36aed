/** Work that is done in between, and may take no more than a share of the time. */

export interface TimeShareOptions {
  /** In ms, of any beginning; goes forward only. */
  readonly clock: () => number;
  /** Of the time, at most 1. */
  readonly share: number;
  /** Of what was not used, in ms: as much may be used at once. */
  readonly mostSaved: number;
}

export class TimeShare {
  readonly #options: TimeShareOptions;
  #saved: number;
  #at: number;

  constructor(options: TimeShareOptions) {
    this.#options = options;
    this.#saved = options.mostSaved;
    this.#at = options.clock();
  }

  /** Does it, unless the time for it is used up: undefined then. What takes longer than is left is paid for later. */
  spend<Value>(work: () => Value): Value | undefined {
    const { clock, share, mostSaved } = this.#options;
    const began = clock();
    this.#saved = Math.min(mostSaved, this.#saved + (began - this.#at) * share);
    this.#at = began;
    if (this.#saved <= 0) return undefined;
    try {
      return work();
    } finally {
      this.#saved -= clock() - began;
    }
  }
}
