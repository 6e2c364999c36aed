/** What is remembered of a run's interfaces, also of those that are gone: their names, and what was seen there. */
import type { InterfaceStore, Seen } from '../maps/interfaces.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

/** Names of interfaces that are gone, each with its count; more are counted together. */
const MOST_GONE = 1_000;
/** Their indices: events of theirs may come for as long as their connections are remembered. */
const MOST_NAMES = 16_384;

export class InterfaceRecords {
  readonly #maps: InterfaceStore | undefined;
  readonly #names = new Map<number, string>();
  readonly #watched = new Set<number>();
  /** By name; the others' under the empty one. */
  readonly #gone = new Map<string, Seen>();

  /** @param maps undefined where nothing is counted by interface */
  constructor(maps: InterfaceStore | undefined) {
    this.#maps = maps;
  }

  /** Before the programs are attached there. Throws a KernelError where there is no room. */
  begin(index: number, name: string): void {
    this.#maps?.add(index);
    this.#watched.add(index);
    this.#names.set(index, name);
    if (this.#names.size > MOST_NAMES) this.#forgetOne();
  }

  /** Once they are attached no more. */
  end(index: number): void {
    if (!this.#watched.delete(index) || !this.#maps) return;
    const { name, ...seen } = this.#tallyOf(index, this.#maps);
    const isRoom = this.#gone.has(name) || this.#gone.size < MOST_GONE;
    const key = isRoom ? name : '';
    this.#gone.set(key, sum(this.#gone.get(key), seen));
    this.#maps.remove(index);
  }

  /** As it was called when its watch began. */
  nameOf(index: number): string | undefined {
    return this.#names.get(index);
  }

  /** What was seen there since. Undefined where nothing is counted by interface. */
  seen(index: number): Seen | undefined {
    return this.#maps?.seen(index);
  }

  /** Of all, until now, by name: those that are gone first. */
  tallies(): InterfaceTally[] {
    const maps = this.#maps;
    if (!maps) return [];
    const byName = new Map<string, InterfaceTally>();
    for (const [name, seen] of this.#gone) byName.set(name, { ...seen, name, isWatched: false });
    for (const index of this.#watched) {
      const { name, ...seen } = this.#tallyOf(index, maps);
      byName.set(name, { ...sum(byName.get(name), seen), name, isWatched: true });
    }
    return [...byName.values()];
  }

  #tallyOf(index: number, maps: InterfaceStore): Seen & { readonly name: string } {
    return { ...maps.seen(index), name: this.#names.get(index) ?? '' };
  }

  #forgetOne(): void {
    for (const index of this.#names.keys()) {
      if (this.#watched.has(index)) continue;
      this.#names.delete(index);
      return;
    }
  }
}

function sum(one: Seen | undefined, other: Seen): Seen {
  if (!one) return other;
  return {
    egress: one.egress + other.egress,
    ingress: one.ingress + other.ingress,
    bytes: one.bytes + other.bytes,
  };
}
