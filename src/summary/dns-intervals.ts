/**
 * What resolvers have answered in each interval by itself: of a side of the interface, and if asked of resolvers, or of
 * places. In no figure of RTTs.
 */
import type { SeenAtOf } from '../events/places.js';
import type { DnsEvent, KernelEvent } from '../events/types.js';
import { type DnsFigures, DnsRecord } from './dns.js';
import type { By, Place, Told } from './intervals.js';
import { type Resolver, resolverKey, resolverOf } from './resolvers.js';
import { seenAtKey } from './seen-at.js';
import { SIDES, type Side, sideOf } from './sides.js';

/** Exact to 0.2 %. */
const PART_BITS = 8;
/** Of one interval and side; further ones are in the figures of their side alone. */
const MOST_ANSWERING = 4_096;
/** Apart from these: whoever asks made-up addresses makes as many as they like. */
const MOST_SILENT = 1_024;
/** In full; the others are counted. */
const MOST_TOLD = 10;

/** Of one interval. Durations in nanoseconds. */
export interface DnsIntervalFigures extends DnsFigures {
  readonly side: Side;
  /** Undefined: all resolvers together. */
  readonly resolver?: Resolver | undefined;
  /** Likewise. */
  readonly place?: Place | undefined;
  /** Of all resolvers together: which of them follow. Undefined where none are told apart. */
  readonly resolvers?: Told | undefined;
  /** The same of places. */
  readonly places?: Told | undefined;
}

type Part = Pick<DnsIntervalFigures, 'resolver' | 'place'>;

class PartRecord extends DnsRecord {
  constructor(readonly part: Part) {
    super(PART_BITS);
  }
}

class SideRecord extends DnsRecord {
  readonly answering = new Map<string, PartRecord>();
  readonly silent = new Map<string, PartRecord>();
}

/** What has figures of its own, and which side is told as long as there is nothing of any. */
export interface DnsIntervalTerms {
  readonly by?: By | undefined;
  /** Undefined: none is. */
  readonly expected?: Side | undefined;
  /** Where there may be several places. */
  readonly seenAtOf?: SeenAtOf | undefined;
}

export class DnsIntervals {
  readonly #terms: DnsIntervalTerms;
  /** Those that there ever was anything of. */
  readonly #told = new Set<Side>();
  #sides = new Map<Side, SideRecord>();

  constructor(terms: DnsIntervalTerms = {}) {
    this.#terms = terms;
  }

  accept(event: KernelEvent): void {
    if (event.type !== 'dns') return;
    const side = sideOf(event);
    this.#told.add(side);
    const record = this.#recordOf(side);
    record.accept(event);
    this.#partOf(record, event)?.accept(event);
  }

  /** Whether there is nothing since the last take(). */
  get isEmpty(): boolean {
    return this.#sides.size === 0;
  }

  /**
   * What there was since the last time, and begins anew.
   * @returns of each side that there ever was anything of, and below it its slowest resolvers
   */
  take(): DnsIntervalFigures[] {
    const { expected } = this.#terms;
    const expectedSides = expected === undefined ? [] : [expected];
    const told = this.#told.size > 0 ? SIDES.filter((side) => this.#told.has(side)) : expectedSides;
    const figures = told.flatMap((side) => this.#figuresOf(side, this.#recordOf(side)));
    this.#sides = new Map();
    return figures;
  }

  #recordOf(side: Side): SideRecord {
    const record = this.#sides.get(side) ?? new SideRecord();
    this.#sides.set(side, record);
    return record;
  }

  /** Undefined where there is none, or no room. */
  #partOf({ answering, silent }: SideRecord, event: DnsEvent): PartRecord | undefined {
    const { by, seenAtOf } = this.#terms;
    if (by === undefined) return undefined;
    const seenAt = by === 'interface' ? seenAtOf?.(event.place) : undefined;
    const key = by === 'peer' ? resolverKey(event) : seenAtKey(seenAt);
    const known = answering.get(key);
    if (known) return known;
    const hasAnswered = event.responseTime !== undefined && answering.size < MOST_ANSWERING;
    const before = silent.get(key);
    if (!hasAnswered && (before || silent.size >= MOST_SILENT)) return before;
    const part = before ?? new PartRecord(partOf(by, event, seenAt));
    silent.delete(key);
    (hasAnswered ? answering : silent).set(key, part);
    return part;
  }

  #figuresOf(side: Side, record: SideRecord): DnsIntervalFigures[] {
    const all = { side, ...record.figures() };
    const { by } = this.#terms;
    if (by === undefined) return [all];
    const size = record.answering.size + record.silent.size;
    const isNone = isOfNone(record);
    const parts = isNone ? [] : worstOf(record);
    const worst = parts.map((part) => ({ side, ...part.part, ...part.figures() }));
    const told = { size, told: isNone ? size : worst.length, isFull: isFull(record) };
    return [{ ...all, [by === 'peer' ? 'resolvers' : 'places']: told }, ...worst];
  }
}

function partOf(by: By, event: DnsEvent, seenAt: Place['seenAt']): Part {
  return by === 'peer' ? { resolver: resolverOf(event) } : { place: { seenAt } };
}

/** Whether there is no room for more of either. */
function isFull({ answering, silent }: SideRecord): boolean {
  return answering.size >= MOST_ANSWERING || silent.size >= MOST_SILENT;
}

/** Where no place has a name, as where there is but one, it would be the same twice. */
function isOfNone({ answering, silent }: SideRecord): boolean {
  const keys = [...answering.keys(), ...silent.keys()];
  return keys.length === 1 && keys[0] === seenAtKey(undefined);
}

/** By their p99; those that have answered nothing come last, the most asked of them first. */
function worstOf({ answering, silent }: SideRecord): PartRecord[] {
  const rated = [...answering.values()].map((part) => [part.times.percentile(99), part] as const);
  const slowest = rated.sort(([a], [b]) => b - a).map(([, part]) => part);
  const quiet = [...silent.values()].sort((a, b) => b.unanswered - a.unanswered);
  return [...slowest, ...quiet].slice(0, MOST_TOLD);
}
