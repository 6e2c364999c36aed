/**
 * Whether the way to a host has become longer, or shorter, for good. Time is cut into tenths of a window. The
 * least RTT of each that has any says how long the way was then. Ten of them in a row that agree, and are a step
 * away from those before, are another route. A queue empties now and then, or its leasts differ; and where they do
 * not, as those of a long transfer, most of its RTTs are far above them.
 */

/** So many make a window; and so many have to agree. */
const PARTS = 10;
/** Of a shorter way so many parts are proof enough; a longer one may have been a queue, for less than a window. */
const PROVEN_PARTS = 2;

/** This part of a step above the least there may be half of the RTTs: where there are fewer, there is a queue. */
const CALM = 0.2;

const NS_PER_MS = 1e6;

/** Nanoseconds, on the clock of the events. */
export interface RouteStep {
  readonly before: number;
  readonly after: number;
  /** Since when there has been nothing as it was before. */
  readonly since: number;
}

export class Route {
  readonly #part: number;
  /** The part that is not over. */
  #begun = Number.NaN;
  #least = Number.POSITIVE_INFINITY;
  #rtts = 0;
  /** Of those how many are as they should be where there is no queue. */
  #calm = 0;
  #calmLimit = Number.POSITIVE_INFINITY;
  /** The least of the route, and in how many parts it was so. */
  #known = Number.POSITIVE_INFINITY;
  #held = 0;
  /** What may be another, and how many parts agree on it. */
  #next = 0;
  #agreeing = 0;
  #since = 0;

  /** @param window in nanoseconds, above 0 */
  constructor(window: number) {
    this.#part = window / PARTS;
  }

  /** Begins anew. */
  clear(): void {
    this.#begun = Number.NaN;
    this.#least = this.#calmLimit = this.#known = Number.POSITIVE_INFINITY;
    this.#rtts = this.#calm = this.#held = this.#next = this.#agreeing = this.#since = 0;
  }

  /** @returns what has been found out with it: seldom anything */
  record(rtt: number, now: number): RouteStep | undefined {
    const step = this.isOver(now) ? this.turn(now) : undefined;
    this.lower(rtt);
    return step;
  }

  /** Whether a part is over by `now`, or none has begun. A clock that is set back ends it, too. */
  isOver(now: number): boolean {
    return !(Math.abs(now - this.#begun) < this.#part);
  }

  /** Within the part that is not over. */
  lower(rtt: number): void {
    if (rtt < this.#least) this.#least = rtt;
    // As a rule no other is in question, and nothing is to be counted.
    if (this.#agreeing === 0) return;
    this.#rtts++;
    if (rtt <= this.#calmLimit) this.#calm++;
  }

  /** Begins a part, where isOver(). */
  turn(now: number): RouteStep | undefined {
    const step = this.#least < Number.POSITIVE_INFINITY ? this.#judge(this.#least) : undefined;
    this.#least = Number.POSITIVE_INFINITY;
    this.#rtts = this.#calm = 0;
    this.#calmLimit = this.#limit();
    this.#begun = now;
    return step;
  }

  #limit(): number {
    if (this.#agreeing === 0) return Number.POSITIVE_INFINITY;
    return this.#next + CALM * Math.abs(this.#next - this.#known);
  }

  #judge(least: number): RouteStep | undefined {
    const isShorter = isStep(least, this.#known);
    if (!isShorter && !isStep(this.#known, least)) return this.#hold(least);
    if (isShorter && this.#held < PARTS) return this.#learn(least);
    this.#compare(least, isShorter);
    return this.#agreeing < PARTS ? undefined : this.#change();
  }

  /** It is as it was. */
  #hold(least: number): undefined {
    this.#known = Math.min(this.#known, least);
    this.#held++;
    this.#agreeing = 0;
  }

  /** What was known was not known for long. */
  #learn(least: number): undefined {
    this.#known = least;
    this.#held = 1;
    this.#agreeing = 0;
  }

  #compare(least: number, isShorter: boolean): void {
    const isSameWay = this.#agreeing > 0 && isShorter === this.#next < this.#known;
    if (!isSameWay || least < this.#next - likeness(this.#next)) {
      this.#next = least;
      this.#agreeing = 1;
      if (!isSameWay) this.#since = this.#begun;
    } else if (least <= this.#next + likeness(this.#next) && 2 * this.#calm >= this.#rtts) {
      this.#next = Math.min(this.#next, least);
      this.#agreeing++;
    } else {
      this.#agreeing--;
    }
  }

  #change(): RouteStep | undefined {
    const step = { before: this.#known, after: this.#next, since: this.#since };
    const isProven = this.#held >= PROVEN_PARTS;
    this.#known = this.#next;
    this.#held = this.#agreeing;
    this.#agreeing = 0;
    return isProven ? step : undefined;
  }
}

/** Whether it is so much longer that it is another way. */
function isStep(shorter: number, longer: number): boolean {
  return longer > shorter * 1.1 + 2 * NS_PER_MS;
}

function likeness(least: number): number {
  return least * 0.05 + NS_PER_MS / 2;
}
