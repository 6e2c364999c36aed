/**
 * RTTs of one interval after another, each by itself: of a side of the interface and a protocol, and if asked of
 * hosts, or of places. Which RTTs tell the path is decided as in the totals, and by all until then: of an interval
 * alone there may be too few, and figures of two kinds could not be compared.
 */
import { srcOf } from '../events/addresses.js';
import { PerFlow } from '../events/per-flow.js';
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { KernelEvent, OverdueEvent, RttEvent } from '../events/types.js';
import { ByAnswer } from './by-answer.js';
import { BySide, type SideKey, ToldSides } from './by-side.js';
import { distributionOf } from './distribution.js';
import type { Peer } from './host-table.js';
import type { PathKind } from './path-kind.js';
import { peerKey, peerOf } from './peers.js';
import { FlowProgress, Resent } from './resent.js';
import type { KindTotals } from './run-totals.js';
import { seenAtKey } from './seen-at.js';
import { type Side, sideOf } from './sides.js';
import type { Totals } from './totals.js';

/** Two kilobytes an octave of RTTs each; and exact to 0.2 %. */
const PEER_PART_BITS = 8;
/** Of one interval and side; further hosts are in the figures of their side alone. */
export const MOST_PEERS = 4_096;
/** In full; the others are counted. */
const MOST_TOLD = 10;

/** Of one interval. Durations in nanoseconds. */
export interface IntervalFigures extends SideKey {
  /** Undefined: all hosts together. */
  readonly peer?: Peer | undefined;
  /** Likewise. */
  readonly place?: Place | undefined;
  /** Of all hosts together: which of them follow. Undefined where none are told apart. */
  readonly peers?: Told | undefined;
  /** The same of places. */
  readonly places?: Told | undefined;
  /** Those held back by --report-interval included. */
  readonly samples: number;
  /** Of whatever kind; each for one sample or more. */
  readonly reported: number;
  /** Data without an answer, in `path` with the time that it has waited for. */
  readonly overdue: number;
  /** Of the RTTs that tell it best; undefined where there is nothing. */
  readonly path: KindTotals | undefined;
  /** Payload of the flows with RTTs, both ways, from the last RTT before to the last one in it. */
  readonly resent: Resent;
}

/** What has figures of its own. */
export type By = 'peer' | 'interface';

/** Where it was seen, as far as that is known. */
export interface Place {
  readonly seenAt: SeenAt | undefined;
}

/** Of what has figures of its own. */
export interface Told {
  readonly size: number;
  readonly told: number;
  /** Whether there may have been more: there was no room to tell them apart. */
  readonly isFull?: boolean;
}

type Kinds = Pick<Totals, 'kindOf' | 'peerKindOf' | 'placeKindOf'>;
type Part = Peer | Place;
type Measured = RttEvent | OverdueEvent;

class Figures {
  readonly rtts: ByAnswer;
  readonly resent = new Resent();
  samples = 0;
  overdue = 0;

  constructor(partBits?: number) {
    this.rtts = new ByAnswer(partBits);
  }

  /** @param moved what its flow has sent since its last RTT */
  accept(event: Measured, moved: Resent): void {
    if (event.type === 'rtt') {
      this.samples += event.samples;
      this.resent.add(moved);
      // The totals have the pairs.
      this.rtts.record(event.rtt, event.answer, 'none');
    } else {
      this.overdue++;
      this.rtts.recordOverdue(event.waited);
    }
  }

  get isEmpty(): boolean {
    return this.samples === 0 && this.overdue === 0;
  }

  figures(kind: PathKind): Omit<IntervalFigures, keyof SideKey> {
    const { samples, overdue, rtts, resent } = this;
    const { kernel, data } = rtts.counts;
    return { samples, reported: kernel + data, overdue, path: pathOf(rtts, kind), resent };
  }
}

class PartRecord extends Figures {
  constructor(readonly part: Part) {
    super(PEER_PART_BITS);
  }
}

class SideRecord extends Figures {
  readonly parts = new Map<string, PartRecord>();
}

/** A flow, in one direction. */
interface Member {
  readonly progress: FlowProgress;
  /** Of its peer or its place; undefined where nothing is told apart. */
  readonly key: string | undefined;
  /** Where places are told apart. */
  readonly seenAt: SeenAt | undefined;
}

export class Intervals {
  readonly #kinds: Kinds;
  readonly #by: By | undefined;
  readonly #perFlow: PerFlow<Member>;
  readonly #told: ToldSides;
  readonly #areProtocolsTold: boolean;
  #sides: BySide<SideRecord>;

  /**
   * @param kinds of the run's totals, which are told of each event first
   * @param expected the side that is told as long as there is nothing of any
   * @param seenAtOf where there may be several places
   * @param areProtocolsTold as the totals have it
   */
  constructor(
    kinds: Kinds,
    expected: Side,
    by?: By,
    seenAtOf: SeenAtOf = () => undefined,
    areProtocolsTold = false,
  ) {
    this.#kinds = kinds;
    this.#told = new ToldSides(expected);
    this.#areProtocolsTold = areProtocolsTold;
    this.#sides = this.#newSides();
    this.#by = by;
    this.#perFlow = new PerFlow<Member>((event, before) => {
      const progress = before?.progress ?? new FlowProgress();
      const seenAt = by === 'interface' ? seenAtOf(event.place) : undefined;
      return { progress, key: by && keyOf(by, event, seenAt), seenAt };
    });
  }

  accept(event: KernelEvent): void {
    if (event.type === 'flow' || event.type === 'dns') return;
    const record = this.#sides.of(sideOf(event), event.protocol);
    const member = this.#perFlow.of(event);
    const moved = new Resent();
    if (event.type === 'rtt') member.progress.advance(event, moved);
    record.accept(event, moved);
    this.#partOf(record, member)?.accept(event, moved);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.#perFlow.forgetAll();
  }

  /** Whether there is nothing since the last take(). */
  get isEmpty(): boolean {
    return this.#sides.all().every(({ value }) => value.isEmpty);
  }

  /**
   * What there was since the last time, and begins anew.
   * @returns of each side and protocol that there ever was an RTT of, and below it its worst hosts
   */
  take(): IntervalFigures[] {
    const sides = this.#sides;
    this.#sides = this.#newSides();
    for (const { value, ...key } of sides.all()) if (!value.isEmpty) this.#told.add(key);
    return this.#told
      .all()
      .flatMap((key) => this.#figuresOf(key, sides.of(key.side, key.protocol)));
  }

  #newSides(): BySide<SideRecord> {
    return new BySide(this.#areProtocolsTold, () => new SideRecord());
  }

  /** Undefined where there is none, or no room. */
  #partOf({ parts }: SideRecord, { key, seenAt }: Member): PartRecord | undefined {
    if (key === undefined) return undefined;
    const known = parts.get(key);
    if (known || parts.size >= MOST_PEERS) return known;
    const part = new PartRecord(this.#by === 'peer' ? peerOf(key) : { seenAt });
    parts.set(key, part);
    return part;
  }

  #figuresOf(key: SideKey, record: SideRecord): IntervalFigures[] {
    const all = { ...key, ...record.figures(this.#kinds.kindOf(key.side, key.protocol)) };
    if (!this.#by) return [all];
    const { size } = record.parts;
    const isNone = isOfNone(record);
    const worst = isNone ? [] : this.#worst(key, record);
    const told = { size, told: isNone ? size : worst.length, isFull: size >= MOST_PEERS };
    return [{ ...all, [this.#by === 'peer' ? 'peers' : 'places']: told }, ...worst];
  }

  /**
   * By their p99: an interval is too short to know how much of it is distance. No host's is above its longest,
   * so that of thousands of hosts few have to be looked at; looking at all would keep events waiting.
   */
  #worst(side: SideKey, { parts }: SideRecord): IntervalFigures[] {
    const byLongest = [...parts].sort(([, a], [, b]) => b.rtts.most - a.rtts.most);
    let worst: IntervalFigures[] = [];
    for (const [key, record] of byLongest) {
      const last = worst[MOST_TOLD - 1];
      if (last && p99Of(last) >= record.rtts.most) break;
      worst.push({ ...side, ...this.#partFigures(side, key, record) });
      worst = worst.sort((a, b) => p99Of(b) - p99Of(a)).slice(0, MOST_TOLD);
    }
    return worst;
  }

  #partFigures({ side, protocol }: SideKey, key: string, record: PartRecord) {
    const { part } = record;
    if ('address' in part) {
      return { peer: part, ...record.figures(this.#kinds.peerKindOf(side, key, protocol)) };
    }
    return { place: part, ...record.figures(this.#kinds.placeKindOf(side, part.seenAt, protocol)) };
  }
}

/** Where no place has a name, as where there is but one, it would be the same twice. */
function isOfNone({ parts }: SideRecord): boolean {
  return parts.size === 1 && parts.has(seenAtKey(undefined));
}

function keyOf(by: By, event: KernelEvent, seenAt: SeenAt | undefined): string {
  return by === 'peer' ? peerKey(srcOf(event), event.ipVersion) : seenAtKey(seenAt);
}

/** Where there are none of the kind, all are better than nothing. */
function pathOf(rtts: ByAnswer, wanted: PathKind): KindTotals | undefined {
  const { kernel, data } = rtts.counts;
  const reported = { all: kernel + data, kernel, data };
  const kind = reported[wanted] > 0 ? wanted : 'all';
  const histogram = rtts.ofKind(kind);
  if (histogram.total === 0) return undefined;
  return { kind, reported: reported[kind], rtt: distributionOf(histogram) };
}

function p99Of({ path }: IntervalFigures): number {
  return path?.rtt.p99 ?? 0;
}
