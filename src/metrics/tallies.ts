/** What was seen at each interface, of so many interfaces: what is counted of the rest is told together. */
import type { InterfaceTally } from '../visibility/interface-change.js';

export class BoundedTallies {
  readonly #most: number;
  /** Those that came first have a place of their own, for good: what is told only grows. */
  readonly #names = new Set<string>();

  /** @param most interfaces by name */
  constructor(most: number) {
    this.#most = most;
  }

  /** Those without a name are the others. */
  bounded(tallies: readonly InterfaceTally[]): InterfaceTally[] {
    const told = new Map<string, InterfaceTally>();
    for (const tally of tallies) {
      const name = this.#isTold(tally.name) ? tally.name : '';
      told.set(name, { ...sum(told.get(name), tally), name });
    }
    return [...told.values()];
  }

  #isTold(name: string): boolean {
    if (this.#names.size < this.#most && name !== '') this.#names.add(name);
    return this.#names.has(name);
  }
}

function sum(one: InterfaceTally | undefined, other: InterfaceTally): InterfaceTally {
  if (!one) return other;
  return {
    name: one.name,
    egress: one.egress + other.egress,
    ingress: one.ingress + other.ingress,
    bytes: one.bytes + other.bytes,
    isWatched: one.isWatched || other.isWatched,
  };
}
