/** What was seen at each interface, of so many interfaces: what is counted of the rest is told together. */
import { placeText } from '../events/places.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

type Figures = Pick<InterfaceTally, 'egress' | 'ingress' | 'bytes'>;

const NOTHING: Figures = { egress: 0, ingress: 0, bytes: 0 };
/** The others'. */
const REST = '';

/** What was told of one. */
interface Told {
  readonly tally: InterfaceTally;
  /** Of it, what is among the others' by now: there are names of interfaces that are gone for so many only. */
  readonly moved: Figures;
}

export class BoundedTallies {
  readonly #most: number;
  /** Those that came first have a place of their own, for good: what is told only grows. */
  readonly #told = new Map<string, Told>();

  /** @param most interfaces by name */
  constructor(most: number) {
    this.#most = most;
  }

  /** Those without a name are the others. */
  bounded(tallies: readonly InterfaceTally[]): InterfaceTally[] {
    const all = this.#together(tallies);
    for (const [key, before] of this.#told) {
      const told = wentOn(before, all.get(key));
      this.#told.set(key, told);
      if (isAny(told.tally) || isAny(told.moved) || all.has(key)) {
        all.set(key, { ...told.tally, ...plus(told.tally, told.moved) });
      }
    }
    const rest = all.get(REST);
    if (rest) all.set(REST, { ...rest, ...this.#withoutMoved(rest) });
    return [...all.values()];
  }

  /** By key. */
  #together(tallies: readonly InterfaceTally[]): Map<string, InterfaceTally> {
    const all = new Map<string, InterfaceTally>();
    for (const tally of tallies) {
      const key = this.#placeOf(tally);
      const before = all.get(key);
      const one = key === REST ? { ...tally, name: '', netns: undefined } : tally;
      all.set(key, before ? both(before, one) : one);
    }
    return all;
  }

  #placeOf(tally: InterfaceTally): string {
    const key = keyOf(tally);
    if (key === REST || this.#told.has(key)) return key;
    if (this.#told.size >= this.#most) return REST;
    this.#told.set(key, { tally: { ...tally, ...NOTHING }, moved: NOTHING });
    return key;
  }

  #withoutMoved(rest: Figures): Figures {
    return Array.from(this.#told.values()).reduce((left, { moved }) => minus(left, moved), rest);
  }
}

/** @param now undefined, or less than before: as much as is missing is among the others', or more that comes back */
function wentOn({ tally, moved }: Told, now: InterfaceTally | undefined): Told {
  const left = now ?? { ...tally, ...NOTHING, isWatched: false };
  return { tally: left, moved: plus(moved, missing(left, tally)) };
}

function keyOf({ name, netns }: InterfaceTally): string {
  return name === '' ? REST : placeText({ netns, interface: name });
}

function both(one: InterfaceTally, other: InterfaceTally): InterfaceTally {
  return { ...one, ...plus(one, other), isWatched: one.isWatched || other.isWatched };
}

function plus(one: Figures, other: Figures): Figures {
  return {
    egress: one.egress + other.egress,
    ingress: one.ingress + other.ingress,
    bytes: one.bytes + other.bytes,
  };
}

function minus(one: Figures, other: Figures): Figures {
  return {
    egress: one.egress - other.egress,
    ingress: one.ingress - other.ingress,
    bytes: one.bytes - other.bytes,
  };
}

/** How much less each is than before. */
function missing(now: Figures, before: Figures): Figures {
  const { egress, ingress, bytes } = minus(before, now);
  return { egress: Math.max(0, egress), ingress: Math.max(0, ingress), bytes: Math.max(0, bytes) };
}

function isAny({ egress, ingress, bytes }: Figures): boolean {
  return egress + ingress + bytes > 0;
}
