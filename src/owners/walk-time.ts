/** How much time walks over all open files may take, which are dear: together, whatever they are for. */

/** Of the time, that of walks: no more than 5 % of a CPU. */
const SHARE = 0.05;
/** Walking time that may be saved up, so that one slow walk does not hold up the next: of 10 s. */
const MOST_SAVED_MS = SHARE * 10_000;

export class WalkTime {
  /** Walking time that is left; below 0 it was overdrawn. */
  #saved = { at: Number.NEGATIVE_INFINITY, ms: MOST_SAVED_MS };
  #earliest = Number.NEGATIVE_INFINITY;

  /** No walk is to begin before, in ms. */
  get earliest(): number {
    return this.#earliest;
  }

  /** Of a walk, in ms of any beginning. */
  spend(began: number, ended: number): void {
    const { at, ms } = this.#saved;
    const saved = Math.min(MOST_SAVED_MS, ms + (ended - at) * SHARE) - (ended - began);
    this.#saved = { at: ended, ms: saved };
    this.#earliest = ended - Math.min(0, saved) / SHARE;
  }
}
