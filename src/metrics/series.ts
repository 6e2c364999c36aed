/** What is counted by labels, with a bound on how many label sets there are: the rest is counted together. */
import type { InterfacePlace } from '../events/places.js';
import type { KernelEvent } from '../events/types.js';
import { prefixKey, prefixText } from './prefix.js';

/** The value of labels that stand for all others. */
export const OTHERS = 'others';

export type Labels = Readonly<Record<string, string>>;
/** Of an interface; with its network namespace, where that is told. */
export function labelsOfInterface(place: InterfacePlace): Labels {
  const { netns, interface: name } = place;
  return netns === undefined ? { interface: name } : { netns, interface: name };
}

export type By = 'prefix' | 'interface' | 'none';

export interface SeriesParts<Value> {
  readonly by: By;
  /** Label sets; those of the others of all interfaces come on top. */
  readonly most: number;
  /** The labels that say where: the interface. */
  readonly labelsOf: (place: number) => Labels;
  readonly make: () => Value;
}

interface Series<Value> {
  readonly labels: Labels;
  readonly value: Value;
}

/** What is alike but for the prefix. */
interface Group<Value> {
  readonly labels: Labels;
  readonly isOfOthers: boolean;
  readonly byPrefix: Map<number, Series<Value>>;
  /** Of all prefixes, or of those that there was no room for. */
  rest: Series<Value> | undefined;
}

export class BoundedSeries<Value> {
  readonly #parts: SeriesParts<Value>;
  readonly #groups = new Map<string, Group<Value>>();
  /** By kind, and then by place: the same without making any text. */
  readonly #found = new Map<Labels, Map<number, Group<Value>>>();
  /** Taken up, those included that groups keep for the rest. */
  #count = 0;

  constructor(parts: SeriesParts<Value>) {
    this.#parts = parts;
  }

  /** @param kind further labels: always the same object for the same ones */
  of(event: KernelEvent, kind: Labels): Value {
    const group = this.#groupOf(event.place, kind);
    return this.#parts.by === 'prefix' ? this.#ofPrefix(group, event) : this.#restOf(group);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.#found.clear();
  }

  *all(): Generator<Series<Value>> {
    for (const { byPrefix, rest } of this.#groups.values()) {
      yield* byPrefix.values();
      if (rest) yield rest;
    }
  }

  #groupOf(place: number, kind: Labels): Group<Value> {
    let byPlace = this.#found.get(kind);
    if (!byPlace) {
      byPlace = new Map();
      this.#found.set(kind, byPlace);
    }
    let group = byPlace.get(place);
    if (!group) {
      group = this.#findGroup(place, kind);
      byPlace.set(place, group);
    }
    return group;
  }

  #findGroup(place: number, kind: Labels): Group<Value> {
    const { by, most, labelsOf } = this.#parts;
    const where = by === 'none' ? {} : labelsOf(place);
    const known = this.#groups.get(keyOf(where, kind));
    if (known) return known;
    // Those without an interface are few.
    const needed = by === 'prefix' ? 2 : 1;
    const isRoom = by === 'none' || this.#count + needed <= most;
    if (!isRoom) return this.#groupOfOthers(where, kind);
    this.#count++;
    return this.#addGroup(where, kind, false);
  }

  #groupOfOthers(where: Labels, kind: Labels): Group<Value> {
    const others = Object.fromEntries(Object.keys(where).map((name) => [name, OTHERS]));
    return this.#groups.get(keyOf(others, kind)) ?? this.#addGroup(others, kind, true);
  }

  #addGroup(where: Labels, kind: Labels, isOfOthers: boolean): Group<Value> {
    const labels = { ...where, ...kind };
    const group = { labels, isOfOthers, byPrefix: new Map(), rest: undefined };
    this.#groups.set(keyOf(where, kind), group);
    return group;
  }

  #ofPrefix(group: Group<Value>, event: KernelEvent): Value {
    // A copy, each time it is read.
    const { ipVersion, srcAddress } = event;
    const key = prefixKey({ ipVersion, srcAddress });
    const known = group.byPrefix.get(key);
    if (known) return known.value;
    if (group.isOfOthers || this.#count >= this.#parts.most) return this.#restOf(group);
    this.#count++;
    const prefix = prefixText({ ipVersion, srcAddress });
    const series = { labels: { ...group.labels, prefix }, value: this.#parts.make() };
    group.byPrefix.set(key, series);
    return series.value;
  }

  #restOf(group: Group<Value>): Value {
    const { by, make } = this.#parts;
    group.rest ??= {
      labels: by === 'prefix' ? { ...group.labels, prefix: OTHERS } : group.labels,
      value: make(),
    };
    return group.rest.value;
  }
}

function keyOf(where: Labels, kind: Labels): string {
  return JSON.stringify([where, kind]);
}
