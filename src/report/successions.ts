/** Which summary is the first of another run: a run that was killed has no summary at its end. */
import type { SummaryRecord } from './records.js';

export class Successions {
  /** Of the last summary of each run that has not ended. */
  readonly #counts = new Map<string | undefined, readonly number[]>();

  /** A summary counts since the start of its run: where one counts less than the one before, it is of another. */
  isOfNextRun({ interface: name, counts, isFinal }: SummaryRecord): boolean {
    const before = this.#counts.get(name);
    if (isFinal) this.#counts.delete(name);
    else this.#counts.set(name, counts);
    return before?.some((count, index) => (counts[index] ?? 0) < count) ?? false;
  }
}
