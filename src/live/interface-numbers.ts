/**
 * Numbers of interfaces, where those of several network namespaces may have the same index. One that is gone keeps its
 * number until it is needed again: flows of it may still be there.
 */
import type { InterfacePlace } from '../events/places.js';
import { Fault } from '../faults.js';
import type { InterfaceStore } from '../maps/interfaces.js';

/**
 * Events of those that are gone may come for as long as their connections are remembered. Higher numbers would each
 * take an entry of the core's table of places for good (PLACE_CROWDED).
 */
const MOST_NUMBERS = 16_384;

/** What interfaces belong to: tells those of one namespace from those of others. */
export interface Home {
  /** Undefined where the index is not known there. */
  placeOf(index: number): InterfacePlace | undefined;
}

interface Numbered {
  readonly home: Home;
  readonly index: number;
}

export class InterfaceNumbers {
  readonly #store: InterfaceStore;
  /** By number, also of those that are gone. */
  readonly #numbered = new Map<number, Numbered>();
  readonly #inUse = new Set<number>();
  /** Of those that hold departures, by what has told of them. */
  readonly #held = new Map<object, ReadonlySet<number>>();
  #last = 0;

  /** @param store goes by these numbers */
  constructor(store: InterfaceStore) {
    this.#store = store;
  }

  /** Undefined where so many have come since that it is forgotten. */
  placeOf(number: number): InterfacePlace | undefined {
    const numbered = this.#numbered.get(number);
    return numbered?.home.placeOf(numbered.index);
  }

  /** For the interfaces of one more namespace. */
  storeFor(home: Home): NumberedInterfaces {
    return new NumberedInterfaces(this.#store, {
      take: (index) => this.#take({ home, index }),
      giveBack: (number) => this.#inUse.delete(number),
      hold: (who, held) => this.#hold(who, held),
    });
  }

  /** It is gone: of all that is known there, only the places are kept. */
  settle(home: Home): void {
    for (const [number, each] of this.#numbered) {
      if (each.home !== home) continue;
      const place = home.placeOf(each.index);
      this.#numbered.set(number, { home: { placeOf: () => place }, index: each.index });
    }
  }

  #take(numbered: Numbered): number {
    if (this.#inUse.size === MOST_NUMBERS) throw new Fault(`more than ${MOST_NUMBERS} interfaces`);
    do this.#last = (this.#last % MOST_NUMBERS) + 1;
    while (this.#inUse.has(this.#last));
    this.#inUse.add(this.#last);
    this.#numbered.set(this.#last, numbered);
    return this.#last;
  }

  #hold(who: object, held: ReadonlySet<number>): void {
    if (held.size > 0) this.#held.set(who, held);
    else if (!this.#held.delete(who)) return;
    this.#store.setHolding(new Set(Array.from(this.#held.values()).flatMap((each) => [...each])));
  }
}

interface Shared {
  readonly take: (index: number) => number;
  readonly giveBack: (number: number) => void;
  readonly hold: (who: object, held: ReadonlySet<number>) => void;
}

/** Of one namespace, by index as in a run of one. */
export class NumberedInterfaces implements InterfaceStore {
  readonly #store: InterfaceStore;
  readonly #shared: Shared;
  readonly #numbers = new Map<number, number>();

  constructor(store: InterfaceStore, shared: Shared) {
    this.#store = store;
    this.#shared = shared;
  }

  /** It has the same one until it is removed. */
  numberOf(index: number): number {
    const number = this.#numbers.get(index) ?? this.#shared.take(index);
    this.#numbers.set(index, number);
    return number;
  }

  add(index: number): void {
    this.#store.add(this.numberOf(index));
  }

  seen(index: number) {
    const number = this.#numbers.get(index);
    return number === undefined ? undefined : this.#store.seen(number);
  }

  remove(index: number): void {
    const number = this.#numbers.get(index);
    if (number === undefined) return;
    this.#store.remove(number);
    this.#numbers.delete(index);
    this.#shared.giveBack(number);
  }

  /** Also those that were never added. */
  removeAll(): void {
    this.setHolding(new Set());
    for (const index of [...this.#numbers.keys()]) this.remove(index);
  }

  setHolding(held: ReadonlySet<number>): void {
    this.#shared.hold(this, new Set(Array.from(held, (index) => this.numberOf(index))));
  }
}
