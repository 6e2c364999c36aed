/** A row of the live view for a resolver, and how it looks at a time. */
import type { Memorable } from '../summary/recently-used.js';
import type { Resolver } from '../summary/resolvers.js';
import { WindowedLeast } from '../summary/windowed-least.js';
import { addTo } from './bounded.js';
import { Recent } from './recent.js';
import type { Look } from './row.js';
import { Sparkline } from './sparkline.js';

/** Containers come and go, and each may bring its own. */
const MOST_INTERFACES = 64;

export class ResolverRow implements Memorable {
  touched = 0;
  isForgotten = true;
  responses = 0;
  #unanswered = 0;
  /** Responses that say that it has not done what was asked. */
  #failed = 0;
  #last: number | undefined;
  /** When it was last heard of, or waited for no longer. */
  #lastSeen = 0;
  /** That of the last query. */
  #place: number | undefined;
  readonly #recent = new Recent();
  readonly #least: WindowedLeast;
  readonly #lastMinute = new Sparkline();
  readonly #interfaces = new Set<string>();

  /** @param window how far back the least looks, in ns */
  constructor(
    readonly key: string,
    readonly resolver: Resolver,
    window: number,
  ) {
    this.#least = new WindowedLeast(window);
  }

  /** It has answered. @param now in ns on the clock of the events, as everywhere here */
  record(responseTime: number, isFailure: boolean, now: number): void {
    this.responses++;
    if (isFailure) this.#failed++;
    this.#last = responseTime;
    this.#lastSeen = now;
    this.#least.record(responseTime, now);
    // There is but one kind of them.
    this.#recent.record(responseTime, 'reply', now);
    this.#lastMinute.record(responseTime, now);
  }

  /** It has not. */
  miss(now: number): void {
    this.#unanswered++;
    this.#lastSeen = now;
  }

  /** @param nameOf what the interface there is called; not asked for each query */
  meet(place: number, nameOf: () => string): void {
    if (place === this.#place) return;
    this.#place = place;
    addTo(this.#interfaces, nameOf(), MOST_INTERFACES);
  }

  look(now: number): Omit<Look, 'name' | 'subject'> {
    const { side } = this.resolver;
    return {
      side,
      isClosed: false,
      ...this.#times(),
      failed: this.#failed,
      unanswered: this.#unanswered,
      queries: this.responses + this.#unanswered,
      interfaces: [...this.#interfaces],
      age: Math.max(0, now - this.#lastSeen),
      lastMinute: this.#lastMinute.text(now),
    };
  }

  /** None of one that has never answered. */
  #times(): Pick<Look, 'last' | 'least' | 'median' | 'p99'> {
    if (this.responses === 0) return {};
    const least = this.#least.value;
    const { median, p99 } = this.#recent.usual({ ofAll: least, ofData: least });
    return { last: this.#last, least, median, p99 };
  }
}
