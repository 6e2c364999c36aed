/** What is remembered of a run's interfaces, also of those that are gone: their names, and what was seen there. */
import type { InterfaceStore, Seen } from '../maps/interfaces.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

/** Names of interfaces that are gone, each with its count; more are counted together, but for those told before. */
const MOST_GONE = 1_000;
/** Names that were told while they were watched: what is told of each goes on. */
const MOST_TOLD = 1_000;
/** Their indices: events of theirs may come for as long as their connections are remembered. */
const MOST_NAMES = 16_384;

export class InterfaceRecords {
  readonly #maps: InterfaceStore | undefined;
  readonly #names = new Map<number, string>();
  readonly #watched = new Set<number>();
  /** By index, what was seen there under the names that it had before. */
  readonly #before = new Map<number, Seen>();
  #hasNewNames = false;
  /** By name; the others' under the empty one. */
  readonly #gone = new Map<string, Seen>();
  readonly #told = new Set<string>();

  /** @param maps undefined where nothing is counted by interface */
  constructor(maps: InterfaceStore | undefined) {
    this.#maps = maps;
  }

  /** Before the programs are attached there. */
  begin(index: number, name: string): void {
    this.#maps?.add(index);
    this.#watched.add(index);
    this.#call(index, name);
    if (this.#names.size > MOST_NAMES) this.#forgetOne();
  }

  /** What was seen under its name stays under that one. */
  rename(index: number, name: string): void {
    if (this.nameOf(index) === name) return;
    this.#settle(index);
    const seen = this.seen(index);
    if (seen) this.#before.set(index, seen);
    this.#call(index, name);
  }

  /** Whether an index stands for another name than before, since the last time. */
  takeNewNames(): boolean {
    const hasNewNames = this.#hasNewNames;
    this.#hasNewNames = false;
    return hasNewNames;
  }

  /** Once they are attached no more. */
  end(index: number): void {
    if (!this.#watched.delete(index)) return;
    this.#settle(index);
    this.#before.delete(index);
    this.#maps?.remove(index);
  }

  /** As it is called, or was when it was watched last. */
  nameOf(index: number): string | undefined {
    return this.#names.get(index);
  }

  /** What was seen there since. Undefined where that is not counted by itself. */
  seen(index: number): Seen | undefined {
    return this.#maps?.seen(index);
  }

  /** Of all that are counted, until now, by name: those that are gone first. */
  tallies(): InterfaceTally[] {
    const byName = new Map<string, InterfaceTally>();
    for (const [name, seen] of this.#gone) byName.set(name, { ...seen, name, isWatched: false });
    for (const index of this.#watched) {
      const seen = this.#seenAsNow(index);
      const name = this.nameOf(index) ?? '';
      if (!seen) continue;
      byName.set(name, { ...sumOf(byName.get(name), seen), name, isWatched: true });
      if (this.#told.size < MOST_TOLD) this.#told.add(name);
    }
    return [...byName.values()];
  }

  #call(index: number, name: string): void {
    const before = this.#names.get(index);
    if (before !== undefined && before !== name) this.#hasNewNames = true;
    this.#names.set(index, name);
  }

  /** Under the name that it has now. */
  #seenAsNow(index: number): Seen | undefined {
    const seen = this.seen(index);
    const before = this.#before.get(index);
    return seen && before ? differenceOf(seen, before) : seen;
  }

  /** Nothing more comes under the name that it has had until now. */
  #settle(index: number): void {
    const seen = this.#seenAsNow(index);
    if (seen && seen.egress + seen.ingress > 0) this.#remember(this.nameOf(index) ?? '', seen);
  }

  #remember(name: string, seen: Seen): void {
    const isKnown = this.#gone.has(name) || this.#told.has(name);
    const key = isKnown || this.#gone.size < MOST_GONE ? name : '';
    this.#gone.set(key, sumOf(this.#gone.get(key), seen));
  }

  #forgetOne(): void {
    for (const index of this.#names.keys()) {
      if (this.#watched.has(index)) continue;
      this.#names.delete(index);
      return;
    }
  }
}

export function sumOf(one: Seen | undefined, other: Seen): Seen {
  if (!one) return other;
  return {
    egress: one.egress + other.egress,
    ingress: one.ingress + other.ingress,
    bytes: one.bytes + other.bytes,
  };
}

function differenceOf(one: Seen, other: Seen): Seen {
  return {
    egress: one.egress - other.egress,
    ingress: one.ingress - other.ingress,
    bytes: one.bytes - other.bytes,
  };
}
