/** What is known of the RTTs of a host. */
import { timeOf } from '../events/time.js';
import type { RttEvent } from '../events/types.js';
import { ByAnswer, type Leasts } from './by-answer.js';
import { type Pair, Pairing, type PathKind } from './path-kind.js';
import { LEAST_WINDOW, WindowedLeast } from './windowed-least.js';

/** There may be thousands of these: half a kilobyte per octave of RTTs, and exact to 0.2 %. */
const PART_BITS = 8;
/** An eighth, and to 0.8 %: waiting times have many octaves. */
const WAIT_PART_BITS = 6;
/** And below this they are none. */
const WAIT_UNIT_NS = 1_000;

/** Of the half windows that are over. */
interface Settled {
  readonly rtts: ByAnswer;
  /** How far each RTT was above the least of its window. */
  readonly waits: ByAnswer;
}

export class RttStats {
  /** Of the half window that is not over. */
  #recent = new ByAnswer(PART_BITS);
  #settled: Settled | undefined;
  /** Goes on where a half window ends. */
  readonly #pairing = new Pairing();
  readonly #distance: WindowedLeast;
  /** Of RTTs answered with data. */
  readonly #dataDistance: WindowedLeast;
  #samples = 0;
  #least = Number.POSITIVE_INFINITY;

  /** @param window how far back the least looks for which queueing is beyond it; in ns, 0: to the start */
  constructor(window = LEAST_WINDOW) {
    this.#distance = new WindowedLeast(window);
    this.#dataDistance = new WindowedLeast(window);
  }

  /**
   * @param rtt the event's: reading it again would cost as much as counting it
   * @param pair where these are of several hosts, that of its host
   */
  record(event: RttEvent, rtt: number = event.rtt, pair?: Pair): Pair {
    const { answer } = event;
    if (this.#distance.isOver(timeOf(event))) this.#settle(timeOf(event));
    const found = pair ?? this.#pairing.next(rtt, answer);
    this.#recent.record(rtt, answer, found);
    this.#samples += event.samples;
    const least = leastOf(event, rtt);
    this.#distance.lower(least);
    if (answer === 'data') this.#dataDistance.lower(least);
    if (least < this.#least) this.#least = least;
    return found;
  }

  /** Begins anew; what was known takes hardly any memory then. */
  clear(): void {
    this.#recent.clear();
    this.#settled = undefined;
    this.#pairing.clear();
    this.#distance.clear();
    this.#dataDistance.clear();
    this.#samples = 0;
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** Those held back by --report-interval included. */
  get samples(): number {
    return this.#samples;
  }

  /** Of all. */
  get least(): number {
    return this.#least;
  }

  /** Which RTTs tell the path best. Costs little. */
  get kind(): PathKind {
    return this.#recent.kindWith(this.#settled?.rtts);
  }

  /** What answered those that tell the path best: also where there are no others to be left out. */
  get answered(): PathKind {
    const { kind } = this;
    if (kind !== 'all') return kind;
    const parts = [this.#recent.counts, ...(this.#settled ? [this.#settled.rtts.counts] : [])];
    if (parts.every(({ data }) => data === 0)) return 'kernel';
    return parts.every(({ kernel }) => kernel === 0) ? 'data' : 'all';
  }

  /** Of the RTTs that tell the path best, as are the next two. */
  get median(): number {
    return this.#all().path.histogram.percentile(50);
  }

  get p99(): number {
    return this.#all().path.histogram.percentile(99);
  }

  /**
   * How far the usual RTT is above the least of its time: spent in queues, and not on the way. Where an application
   * is waited for, too, an answer with data is compared with the least of those.
   */
  get queueing(): number {
    const isPlain = !this.#settled && !this.#recent.isDataLate;
    if (isPlain) return Math.max(0, this.median - this.#distance.value);
    const waits = new ByAnswer(WAIT_PART_BITS);
    if (this.#settled) waits.add(this.#settled.waits);
    waits.addAbove(this.#recent, this.#leasts, WAIT_UNIT_NS);
    return waits.path.histogram.percentile(50) * WAIT_UNIT_NS;
  }

  /** A half window is over: it has the least that there will be. */
  #settle(now: number): void {
    // Before the first there is none.
    if (this.#distance.value < Number.POSITIVE_INFINITY) this.#keep();
    this.#distance.turn(now);
    this.#dataDistance.turn(now);
  }

  get #leasts(): Leasts {
    return { ofAll: this.#distance.value, ofData: this.#dataDistance.value };
  }

  #keep(): void {
    this.#settled ??= { rtts: new ByAnswer(PART_BITS), waits: new ByAnswer(WAIT_PART_BITS) };
    this.#settled.rtts.add(this.#recent);
    this.#settled.waits.addAbove(this.#recent, this.#leasts, WAIT_UNIT_NS);
    this.#recent = new ByAnswer(PART_BITS);
  }

  #all(): ByAnswer {
    if (!this.#settled) return this.#recent;
    const all = new ByAnswer(PART_BITS);
    all.add(this.#settled.rtts);
    all.add(this.#recent);
    return all;
  }
}

/** Of the RTTs that the event stands for. @param rtt its own */
export function leastOf(event: RttEvent, rtt: number): number {
  return event.samples > 1 ? Math.min(rtt, event.intervalMinRtt) : rtt;
}
