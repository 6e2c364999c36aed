/** How much time walks over all open files may take, which are dear: together, whatever they are for. */

/** Of the time, that of walks: no more than 5 % of a CPU. */
const SHARE = 0.05;
/** Walking time that may be saved up, so that one slow walk does not hold up the next: of 10 s. */
const MOST_SAVED_MS = SHARE * 10_000;

interface WalkClock {
  /** In ms. */
  now(): number;
}

export class WalkTime {
  /** Walking time that is left; below 0 it was overdrawn. */
  #saved = { at: Number.NEGATIVE_INFINITY, ms: MOST_SAVED_MS };
  #earliest = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  /** No walk is to begin before, in ms. */
  get earliest(): number {
    return this.#earliest;
  }

  /** Makes a walk once those before are over: waiting for these is none of its time. */
  walk<Result>(clock: WalkClock, make: () => Promise<Result>): Promise<Result> {
    const walking = this.#turn.then(async () => {
      const began = clock.now();
      try {
        return await make();
      } finally {
        this.spend(began, clock.now());
      }
    });
    this.#turn = walking.catch(() => {}); // for whoever asked for this one
    return walking;
  }

  /** Of a walk, or what it takes besides, in ms of any beginning. */
  spend(began: number, ended: number): void {
    const { at, ms } = this.#saved;
    const saved = Math.min(MOST_SAVED_MS, ms + (ended - at) * SHARE) - (ended - began);
    this.#saved = { at: ended, ms: saved };
    this.#earliest = ended - Math.min(0, saved) / SHARE;
  }
}
