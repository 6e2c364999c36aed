/** RTTs of the last 5 to 10 seconds: what is usual now, and not since the start. */
import type { Answer } from '../events/types.js';
import { ByAnswer, type Leasts } from '../summary/by-answer.js';

const HALF_NS = 5_000_000_000;
/** Exact to 0.4 %: three digits are shown. */
const PART_BITS = 7;

export interface Usual {
  readonly median: number;
  readonly p99: number;
  /** How far the usual one is above the least. */
  readonly queueing: number;
}

/** Below this there is no waiting time. */
const WAIT_UNIT_NS = 1_000;

export class Recent {
  #half = Number.NEGATIVE_INFINITY;
  /** Both when there is something in them: of thousands of flows, most are forgotten before a second half. */
  #current: ByAnswer | undefined;
  #before: ByAnswer | undefined;
  #usual: Usual | undefined;

  /** @param now in nanoseconds; where nothing comes any more, the last that came stays */
  record(rtt: number, answer: Answer, now: number): void {
    const half = Math.floor(now / HALF_NS);
    if (half > this.#half) {
      this.#before = half === this.#half + 1 ? this.#current : undefined;
      this.#current = undefined;
      this.#half = half;
    }
    this.#current ??= new ByAnswer(PART_BITS);
    this.#current.record(rtt, answer);
    this.#usual = undefined;
  }

  /** Of the RTTs that tell the path best. Found out again only after another RTT: most hosts are quiet most of the time. */
  usual(leasts: Leasts): Usual {
    if (this.#usual) return this.#usual;
    const both = new ByAnswer(PART_BITS);
    if (this.#before) both.add(this.#before);
    if (this.#current) both.add(this.#current);
    const { histogram } = both.path;
    const [median, p99] = [histogram.percentile(50), histogram.percentile(99)];
    this.#usual = { median, p99, queueing: queueingOf(both, median, leasts) };
    return this.#usual;
  }
}

/** As of a host in the summary. */
function queueingOf(rtts: ByAnswer, median: number, leasts: Leasts): number {
  if (!rtts.isDataLate) return Math.max(0, median - leasts.ofAll);
  const waits = new ByAnswer(PART_BITS);
  waits.addAbove(rtts, leasts, WAIT_UNIT_NS);
  return waits.path.histogram.percentile(50) * WAIT_UNIT_NS;
}
