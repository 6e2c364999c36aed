/** Network namespaces that are gone: what was seen there is part of what the run has seen. */
import type { InterfaceTally } from '../visibility/interface-change.js';
import type { Sighting } from '../visibility/sightings.js';
import { sumOf } from './interface-records.js';
import type { WatchedNamespace } from './watched-namespace.js';

/** Those whose interfaces are told of one by one. */
const MOST = 256;

export class GoneNamespaces {
  /** The oldest first. */
  readonly #namespaces: WatchedNamespace[] = [];
  /** What was seen at those of older ones. */
  #forgotten: InterfaceTally | undefined;

  add(namespace: WatchedNamespace): void {
    if (namespace.tallies().length === 0) return;
    this.#namespaces.push(namespace);
    if (this.#namespaces.length > MOST) this.#forget(this.#namespaces.shift());
  }

  /** Of the first of too many together, without a name. */
  tallies(): InterfaceTally[] {
    const each = this.#namespaces.flatMap((namespace) => namespace.tallies());
    return this.#forgotten ? [this.#forgotten, ...each] : each;
  }

  get sightings(): Sighting[] {
    return this.#namespaces.flatMap(({ sightings }) => sightings);
  }

  #forget(oldest: WatchedNamespace | undefined): void {
    for (const seen of oldest?.interfaces.tallies() ?? []) {
      this.#forgotten = { ...sumOf(this.#forgotten, seen), name: '', isWatched: false };
    }
  }
}
