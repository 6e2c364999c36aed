/** What is counted by labels, with a bound on how many label sets there are: the rest is counted together. */
import type { InterfacePlace } from '../events/places.js';

/** The value of labels that stand for all others. */
export const OTHERS = 'others';

export type Labels = Readonly<Record<string, string>>;
/** Of an interface; with its network namespace, where that is told. */
export function labelsOfInterface(place: InterfacePlace): Labels {
  const { netns, interface: name } = place;
  return netns === undefined ? { interface: name } : { netns, interface: name };
}

/** What label sets differ in, besides what they are of: side, protocol where that is told, and what has answered. */
export type By = 'prefix' | 'owner' | 'interface' | 'none';

/** Whether they also differ in the interface: not by owner, whose connections are at any. */
export function isByInterface(by: By): boolean {
  return by === 'prefix' || by === 'interface';
}

/** What is counted. */
export interface Placed {
  /** Undefined where the core does not know it. */
  readonly place: number | undefined;
}

/** A label that has too many values to be told without a bound. */
export interface Division<Source> {
  readonly label: string;
  /** Undefined of what the core has not told apart: it is among the others. */
  readonly keyOf: (source: Source) => number | string | undefined;
  /** The label's value, of which there is one for each key. */
  readonly textOf: (source: Source) => string;
}

export interface SeriesParts<Source, Value> {
  /** Label sets; those of the others of all interfaces come on top. */
  readonly most: number;
  /** The labels that say where: the interface. Undefined where that is not told. */
  readonly labelsOf: ((place: number | undefined) => Labels) | undefined;
  /** Undefined where there is none. */
  readonly division: Division<Source> | undefined;
  readonly make: () => Value;
}

export interface Series<Value> {
  readonly labels: Labels;
  readonly value: Value;
}

/** What is alike but for the label that has many values. */
interface Group<Value> {
  readonly labels: Labels;
  readonly isOfOthers: boolean;
  readonly byKey: Map<number | string, Series<Value>>;
  /** Of all, or of those that there was no room for. */
  rest: Series<Value> | undefined;
}

export class BoundedSeries<Source extends Placed, Value> {
  readonly #parts: SeriesParts<Source, Value>;
  readonly #groups = new Map<string, Group<Value>>();
  /** By kind, and then by place: the same without making any text. */
  readonly #found = new Map<Labels, Map<number | undefined, Group<Value>>>();
  /** Taken up, those included that groups keep for the rest. */
  #count = 0;

  constructor(parts: SeriesParts<Source, Value>) {
    this.#parts = parts;
  }

  /** @param kind further labels: always the same object for the same ones */
  of(source: Source, kind: Labels): Value {
    const group = this.#groupOf(source.place, kind);
    const { division } = this.#parts;
    return division ? this.#partOf(group, source, division) : this.#restOf(group);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.#found.clear();
  }

  *all(): Generator<Series<Value>> {
    for (const { byKey, rest } of this.#groups.values()) {
      yield* byKey.values();
      if (rest) yield rest;
    }
  }

  #groupOf(place: number | undefined, kind: Labels): Group<Value> {
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

  #findGroup(place: number | undefined, kind: Labels): Group<Value> {
    const { division, most, labelsOf } = this.#parts;
    const where = labelsOf?.(place) ?? {};
    const known = this.#groups.get(keyOf(where, kind));
    if (known) return known;
    if (where.interface === OTHERS) return this.#groupOfOthers(where, kind);
    // Those without an interface are few.
    const needed = division ? 2 : 1;
    const isRoom = labelsOf === undefined || this.#count + needed <= most;
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
    const group = { labels, isOfOthers, byKey: new Map(), rest: undefined };
    this.#groups.set(keyOf(where, kind), group);
    return group;
  }

  #partOf(group: Group<Value>, source: Source, division: Division<Source>): Value {
    const key = division.keyOf(source);
    if (key === undefined) return this.#restOf(group);
    const known = group.byKey.get(key);
    if (known) return known.value;
    if (group.isOfOthers || this.#count >= this.#parts.most) return this.#restOf(group);
    const text = division.textOf(source);
    // A process may have that name: Prometheus takes only one of two series with the same labels.
    if (text === OTHERS) return this.#restOf(group);
    this.#count++;
    const labels = { ...group.labels, [division.label]: text };
    const series = { labels, value: this.#parts.make() };
    group.byKey.set(key, series);
    return series.value;
  }

  #restOf(group: Group<Value>): Value {
    const { division, make } = this.#parts;
    group.rest ??= {
      labels: division ? { ...group.labels, [division.label]: OTHERS } : group.labels,
      value: make(),
    };
    return group.rest.value;
  }
}

function keyOf(where: Labels, kind: Labels): string {
  return JSON.stringify([where, kind]);
}
