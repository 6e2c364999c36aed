/** RTTs by where their connection was seen, where there are several places. */
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { Answer } from '../events/types.js';
import { ByAnswer } from './by-answer.js';
import type { Histogram } from './histogram.js';
import type { PathKind } from './path-kind.js';

/** More of them are counted together, as what has no name is. */
const MOST_NAMED = 64;

export interface RttsAt {
  /** Undefined of those without a name, and of those beyond the most that are told. */
  readonly seenAt: SeenAt | undefined;
  readonly rtts: Histogram;
}

interface Group {
  readonly seenAt: SeenAt | undefined;
  readonly rtts: ByAnswer;
}

export class BySeenAt {
  readonly #seenAtOf: SeenAtOf;
  readonly #groups = new Map<string, Group>();
  /** Asked once: a place stays what it is. */
  readonly #byPlace = new Map<number, Group>();

  constructor(seenAtOf: SeenAtOf) {
    this.#seenAtOf = seenAtOf;
  }

  record(place: number, rtt: number, answer: Answer): void {
    this.#groupOf(place).rtts.record(rtt, answer);
  }

  recordOverdue(place: number, waited: number): void {
    this.#groupOf(place).rtts.recordOverdue(waited);
  }

  /** Those that there are any of, in the order in which they came; empty where they are all of one. */
  of(kind: PathKind): RttsAt[] {
    if (this.#groups.size < 2) return [];
    return [...this.#groups.values()]
      .map(({ seenAt, rtts }) => ({ seenAt, rtts: rtts.ofKind(kind) }))
      .filter(({ rtts }) => rtts.total > 0);
  }

  #groupOf(place: number): Group {
    const known = this.#byPlace.get(place);
    if (known) return known;
    const group = this.#group(this.#seenAtOf(place));
    this.#byPlace.set(place, group);
    return group;
  }

  #group(seenAt: SeenAt | undefined): Group {
    const key = keyOf(seenAt);
    const known = this.#groups.get(key);
    if (known) return known;
    if (seenAt && this.#groups.size >= MOST_NAMED) return this.#group(undefined);
    const group = { seenAt, rtts: new ByAnswer() };
    this.#groups.set(key, group);
    return group;
  }
}

function keyOf(seenAt: SeenAt | undefined): string {
  return seenAt ? JSON.stringify([seenAt.capture, seenAt.interface]) : '';
}
