/** RTTs by where their connection was seen, where there are several places. */
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { RttEvent } from '../events/types.js';
import { ByAnswer } from './by-answer.js';
import { type Pair, PairTally, type PathKind } from './path-kind.js';

/** More of them are counted together, as what has no name is. */
const MOST_NAMED = 64;

export interface RttsAt {
  /** Undefined of those without a name, and of those beyond the most that are told. */
  readonly seenAt: SeenAt | undefined;
  readonly rtts: ByAnswer;
}

/** Of one name. */
class Group {
  /** Undefined as long as it is the only one, and nobody has asked for its RTTs: they are those of all. */
  rtts: ByAnswer | undefined;
  /** Of its connections, until then. */
  readonly pairs = new PairTally();

  constructor(readonly seenAt: SeenAt | undefined) {}
}

export class BySeenAt {
  readonly #seenAtOf: SeenAtOf;
  readonly #all: ByAnswer;
  readonly #groups = new Map<string, Group>();
  /** Asked once. */
  readonly #byPlace = new Map<number, Group>();
  /** Most RTTs are of the same place as the one before. */
  #lastPlace = Number.NaN;
  #last: Group | undefined;

  /** @param all the RTTs of all places, and what is overdue there; each is recorded there after it is here */
  constructor(seenAtOf: SeenAtOf, all: ByAnswer) {
    this.#seenAtOf = seenAtOf;
    this.#all = all;
  }

  /** @param pair that of its flow */
  record({ place, answer }: RttEvent, rtt: number, pair: Pair): void {
    const group = this.#groupOf(place);
    if (group.rtts) group.rtts.record(rtt, answer, pair);
    else group.pairs.add(pair);
  }

  recordOverdue(place: number, waited: number): void {
    this.#groupOf(place).rtts?.recordOverdue(waited);
  }

  /** Places go by other names from now on. */
  refreshAll(): void {
    this.#byPlace.clear();
    this.#last = undefined;
  }

  /** Which RTTs seen there tell the path best; of a place that is not known all do. */
  kindOf(seenAt: SeenAt | undefined): PathKind {
    const group = this.#groups.get(seenAtKey(seenAt));
    return group ? this.#apart(group).kindWith() : 'all';
  }

  /** Those that there are any of, in the order in which they came; empty where they are all of one. */
  all(): RttsAt[] {
    if (this.#groups.size < 2) return [];
    const groups = [...this.#groups.values()];
    return groups.map((group) => ({ seenAt: group.seenAt, rtts: this.#apart(group) }));
  }

  #groupOf(place: number): Group {
    if (this.#last && place === this.#lastPlace) return this.#last;
    const group = this.#byPlace.get(place) ?? this.#group(this.#seenAtOf(place));
    this.#byPlace.set(place, group);
    this.#lastPlace = place;
    this.#last = group;
    return group;
  }

  #group(seenAt: SeenAt | undefined): Group {
    const key = seenAtKey(seenAt);
    const known = this.#groups.get(key);
    if (known) return known;
    if (seenAt && this.#groups.size >= MOST_NAMED) return this.#group(undefined);
    for (const group of this.#groups.values()) this.#apart(group);
    const group = new Group(seenAt);
    if (this.#groups.size > 0) group.rtts = new ByAnswer();
    this.#groups.set(key, group);
    return group;
  }

  /** From now on its RTTs are recorded apart. */
  #apart(group: Group): ByAnswer {
    group.rtts ??= this.#all.copyWith(group.pairs);
    return group.rtts;
  }
}

/** The same for the same. */
export function seenAtKey(seenAt: SeenAt | undefined): string {
  return seenAt ? JSON.stringify([seenAt.capture, seenAt.netns, seenAt.interface]) : '';
}
