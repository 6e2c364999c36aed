/** What was seen at each interface, of so many interfaces: what is counted of the rest is told together. */
import { placeText } from '../events/places.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

export class BoundedTallies {
  readonly #most: number;
  /** Those that came first have a place of their own, for good: what is told only grows. */
  readonly #told = new Set<string>();

  /** @param most interfaces by name */
  constructor(most: number) {
    this.#most = most;
  }

  /** Those without a name are the others. */
  bounded(tallies: readonly InterfaceTally[]): InterfaceTally[] {
    const told = new Map<string, InterfaceTally>();
    for (const tally of tallies) {
      const key = keyOf(tally);
      const one = this.#isTold(key) ? tally : { ...tally, name: '', netns: undefined };
      told.set(keyOf(one), sum(told.get(keyOf(one)), one));
    }
    return [...told.values()];
  }

  #isTold(key: string): boolean {
    if (this.#told.size < this.#most && key !== '') this.#told.add(key);
    return this.#told.has(key);
  }
}

/** Empty for the others. */
function keyOf({ name, netns }: InterfaceTally): string {
  return name === '' ? '' : placeText({ netns, interface: name });
}

function sum(one: InterfaceTally | undefined, other: InterfaceTally): InterfaceTally {
  if (!one) return other;
  return {
    name: one.name,
    netns: one.netns,
    egress: one.egress + other.egress,
    ingress: one.ingress + other.ingress,
    bytes: one.bytes + other.bytes,
    isWatched: one.isWatched || other.isWatched,
  };
}
