/** RTTs by where their connection was seen, where there are several places. */
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { RttEvent } from '../events/types.js';
import { ByAnswer } from './by-answer.js';
import type { Pair, PathKind } from './path-kind.js';

/** More of them are counted together, as what has no name is. */
const MOST_NAMED = 64;

export interface RttsAt {
  /** Undefined of those without a name, and of those beyond the most that are told. */
  readonly seenAt: SeenAt | undefined;
  readonly rtts: ByAnswer;
}

export class BySeenAt {
  readonly #seenAtOf: SeenAtOf;
  readonly #groups = new Map<string, RttsAt>();
  /** Asked once. */
  readonly #byPlace = new Map<number, RttsAt>();

  constructor(seenAtOf: SeenAtOf) {
    this.#seenAtOf = seenAtOf;
  }

  /** @param pair that of its flow */
  record({ place, answer }: RttEvent, rtt: number, pair: Pair): void {
    this.#groupOf(place).rtts.record(rtt, answer, pair);
  }

  recordOverdue(place: number, waited: number): void {
    this.#groupOf(place).rtts.recordOverdue(waited);
  }

  /** Places go by other names from now on. */
  refreshAll(): void {
    this.#byPlace.clear();
  }

  /** Which RTTs seen there tell the path best; of a place that is not known all do. */
  kindOf(seenAt: SeenAt | undefined): PathKind {
    return this.#groups.get(seenAtKey(seenAt))?.rtts.kindWith() ?? 'all';
  }

  /** Those that there are any of, in the order in which they came; empty where they are all of one. */
  all(): RttsAt[] {
    return this.#groups.size < 2 ? [] : [...this.#groups.values()];
  }

  #groupOf(place: number): RttsAt {
    const known = this.#byPlace.get(place);
    if (known) return known;
    const group = this.#group(this.#seenAtOf(place));
    this.#byPlace.set(place, group);
    return group;
  }

  #group(seenAt: SeenAt | undefined): RttsAt {
    const key = seenAtKey(seenAt);
    const known = this.#groups.get(key);
    if (known) return known;
    if (seenAt && this.#groups.size >= MOST_NAMED) return this.#group(undefined);
    const group = { seenAt, rtts: new ByAnswer() };
    this.#groups.set(key, group);
    return group;
  }
}

/** The same for the same. */
export function seenAtKey(seenAt: SeenAt | undefined): string {
  return seenAt ? JSON.stringify([seenAt.capture, seenAt.netns, seenAt.interface]) : '';
}
