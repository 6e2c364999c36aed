/** The share of queries that something is true of, among those of the last while. Times in ns, only to be compared. */

/** Of a window no more parts are kept than this: it is as long as it should be within a hundredth. */
const MOST_PARTS = 100;

/** What was counted from one time to another. */
export interface QueryCounts {
  readonly begin: number;
  readonly end: number;
  readonly all: number;
  /** Of how many it is true. */
  readonly counted: number;
}

/** Queries from a time on. */
interface Part {
  readonly begin: number;
  /** When the last of them was told. */
  end: number;
  all: number;
  counted: number;
}

export class QueryWindow {
  readonly #length: number;
  #parts: Part[] = [];
  #first = Number.NaN;

  /** @param length in nanoseconds; undefined: all since the beginning */
  constructor(length: number | undefined) {
    this.#length = length ?? Number.POSITIVE_INFINITY;
  }

  get all(): number {
    return this.#parts.reduce((sum, { all }) => sum + all, 0);
  }

  /** NaN of none. */
  get share(): number {
    return this.#parts.reduce((sum, { counted }) => sum + counted, 0) / this.all;
  }

  /** Whether queries have come for as long as it is. */
  get isWhole(): boolean {
    if (this.#length === Number.POSITIVE_INFINITY) return true;
    return (this.#parts.at(-1)?.end ?? Number.NaN) - this.#first >= this.#length;
  }

  /** @param isCounted whether it is true of this one */
  accept(isCounted: boolean, time: number): void {
    this.acceptCounts({ begin: time, end: time, all: 1, counted: isCounted ? 1 : 0 });
  }

  /** What ended before the window is forgotten; of what it begins in the midst of, nothing. */
  acceptCounts({ begin, end, all, counted }: QueryCounts): void {
    // The clock was set back: nothing before can be compared with what comes.
    if (end < (this.#parts.at(-1)?.end ?? end)) this.#parts = [];
    if (this.#parts.length === 0) this.#first = begin;
    const part = this.#partFor(begin, end);
    part.end = end;
    part.all += all;
    part.counted += counted;
    while ((this.#parts[0]?.end ?? end) <= end - this.#length) this.#parts.shift();
  }

  #partFor(begin: number, end: number): Part {
    const last = this.#parts.at(-1);
    if (last && end - last.begin <= this.#length / MOST_PARTS) return last;
    const part = { begin, end, all: 0, counted: 0 };
    this.#parts.push(part);
    return part;
  }
}
