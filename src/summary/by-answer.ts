/** RTTs by what has answered them. */
import type { Answer } from '../events/types.js';
import { Histogram } from './histogram.js';
import {
  isDataLate,
  type KindCounts,
  PAIRS,
  type Pair,
  type PairCounts,
  Pairing,
  type PathKind,
  pathKindOf,
} from './path-kind.js';

/** In nanoseconds; Infinity of none. */
export interface Leasts {
  readonly ofAll: number;
  /** Of RTTs answered with data. */
  readonly ofData: number;
}

/** Those that tell the path. */
export interface PathRtts {
  readonly kind: PathKind;
  readonly histogram: Histogram;
}

export class ByAnswer {
  readonly #partBits: number | undefined;
  readonly #acks: Histogram;
  readonly #handshakes: Histogram;
  /** These when there is something in them: of most hosts there is not. */
  #data: Histogram | undefined;
  #replies: Histogram | undefined;
  /** In every kind: nobody has answered. */
  #overdue: Histogram | undefined;
  /** Likewise: counted in the core, which does not tell them apart. */
  #counted: Histogram | undefined;
  readonly #pairing = new Pairing();
  readonly #pairs = { alike: 0, kernelLater: 0, dataLater: 0 };
  /** Found out again only after another RTT. */
  #path: PathRtts | undefined;

  /**
   * @param partBits as of a Histogram
   * @param areHandshakesApart where they need not be told from ACKs, they take no memory of their own
   */
  constructor(partBits?: number, areHandshakesApart = false) {
    this.#partBits = partBits;
    this.#acks = new Histogram(partBits);
    this.#handshakes = areHandshakesApart ? new Histogram(partBits) : this.#acks;
  }

  /** @param pair as of its host; found here, and given back, where all are of one host */
  record(rtt: number, answer: Answer, pair: Pair = this.#pairing.next(rtt, answer)): Pair {
    this.#path = undefined;
    if (pair !== 'none') this.#pairs[pair]++;
    if (answer === 'ack') this.#acks.record(rtt);
    else if (answer === 'data') this.#needData().record(rtt);
    else if (answer === 'reply') this.#needReplies().record(rtt);
    else this.#handshakes.record(rtt);
    return pair;
  }

  /** What nothing has answered, with the time that it has waited. */
  recordOverdue(waited: number): void {
    this.#path = undefined;
    this.#needOverdue().record(waited);
  }

  /** Those that were counted in the core. @param record puts them into a histogram */
  recordCounted(record: (into: Histogram) => void): void {
    this.#path = undefined;
    this.#counted ??= new Histogram(this.#partBits);
    record(this.#counted);
  }

  /** Begins anew. */
  clear(): void {
    this.#acks.clear();
    this.#handshakes.clear();
    this.#data?.clear();
    this.#replies?.clear();
    this.#overdue?.clear();
    this.#counted?.clear();
    for (const pair of PAIRS) this.#pairs[pair] = 0;
    this.#pairing.clear();
    this.#path = undefined;
  }

  /** Of what was told one by one, with pairs that were found otherwise. Handshakes are not told from ACKs any more. */
  copyWith(pairs: PairCounts): ByAnswer {
    const copy = new ByAnswer(this.#partBits);
    for (const kernel of new Set([this.#acks, this.#handshakes])) copy.#acks.add(kernel);
    if (this.#replies) copy.#needReplies().add(this.#replies);
    if (this.#data) copy.#needData().add(this.#data);
    if (this.#overdue) copy.#needOverdue().add(this.#overdue);
    Object.assign(copy.#pairs, pairs);
    return copy;
  }

  /** Takes over what another of the same form has. */
  add(other: ByAnswer): void {
    this.#takeOver(other, (own, others) => own.add(others));
  }

  /**
   * Takes over how far another's are above the least, in whole `unit`s: those answered with data above that of
   * their kind where an application was waited for. Those that tell the path remain the same.
   */
  addAbove(other: ByAnswer, least: Leasts, unit: number): void {
    const ofData = other.isDataLate ? least.ofData : least.ofAll;
    this.#takeOver(other, (own, others) => {
      own.addAbove(others, others === other.#data ? ofData : least.ofAll, unit);
    });
  }

  /** Whether data comes late, and is not left out. */
  get isDataLate(): boolean {
    return isDataLate(this.#pairs);
  }

  /** Without what is overdue, as the next. */
  of(answer: Answer): Histogram {
    if (answer === 'ack') return this.#acks;
    if (answer === 'handshake') return this.#handshakes;
    return (answer === 'data' ? this.#data : this.#replies) ?? new Histogram(this.#partBits);
  }

  /** How many there are of each kind, without what is overdue. */
  get counts(): KindCounts {
    const kernel = this.#kernelParts.reduce((sum, { total }) => sum + total, 0);
    return { kernel, data: this.#data?.total ?? 0 };
  }

  /** The longest of all, and of what is overdue; 0 of none. */
  get most(): number {
    const parts = [...this.#kernelParts, this.#data, this.#overdue];
    return parts.reduce((most, part) => Math.max(most, part?.most ?? 0), 0);
  }

  get kernel(): Histogram {
    return this.#sum(this.#kernelParts);
  }

  get all(): Histogram {
    return this.#sum([...this.#kernelParts, this.#data, this.#overdue]);
  }

  /** Of the kind that tells it best, and what is overdue. */
  get path(): PathRtts {
    this.#path ??= this.#findPath();
    return this.#path;
  }

  /** Which kind tells it best; with those of others, if any. Costs little. */
  kindWith(other?: ByAnswer): PathKind {
    if (!other) return pathKindOf(this.counts, this.#pairs);
    const pairs = PAIRS.map((pair) => [pair, this.#pairs[pair] + other.#pairs[pair]] as const);
    const kernel = this.counts.kernel + other.counts.kernel;
    const data = this.counts.data + other.counts.data;
    return pathKindOf({ kernel, data }, Object.fromEntries(pairs) as PairCounts);
  }

  /** Of that kind, and what is overdue. */
  ofKind(kind: PathKind): Histogram {
    if (kind === 'all') return this.all;
    const answered = kind === 'data' ? [this.#data] : this.#kernelParts;
    return this.#sum([...answered, this.#overdue]);
  }

  #takeOver(other: ByAnswer, into: (own: Histogram, others: Histogram) => void): void {
    this.#path = undefined;
    into(this.#acks, other.#acks);
    if (other.#handshakes !== other.#acks) into(this.#handshakes, other.#handshakes);
    if (other.#data) into(this.#needData(), other.#data);
    if (other.#replies) into(this.#needReplies(), other.#replies);
    if (other.#overdue) into(this.#needOverdue(), other.#overdue);
    const counted = other.#counted;
    if (counted) this.recordCounted((own) => into(own, counted));
    for (const pair of PAIRS) this.#pairs[pair] += other.#pairs[pair];
  }

  #needData(): Histogram {
    this.#data ??= new Histogram(this.#partBits);
    return this.#data;
  }

  #needReplies(): Histogram {
    this.#replies ??= new Histogram(this.#partBits);
    return this.#replies;
  }

  #needOverdue(): Histogram {
    this.#overdue ??= new Histogram(this.#partBits);
    return this.#overdue;
  }

  get #kernelParts(): Histogram[] {
    const parts = this.#handshakes === this.#acks ? [this.#acks] : [this.#acks, this.#handshakes];
    const others = [this.#replies, this.#counted].filter((part) => part !== undefined);
    return [...parts, ...others];
  }

  #findPath(): PathRtts {
    const kind = this.kindWith();
    return { kind, histogram: this.ofKind(kind) };
  }

  /** One of them where the others have nothing. */
  #sum(parts: readonly (Histogram | undefined)[]): Histogram {
    const filled = parts.filter((part) => part !== undefined && part.total > 0) as Histogram[];
    if (filled.length === 1) return filled[0] as Histogram;
    const sum = new Histogram(this.#partBits);
    for (const part of filled) sum.add(part);
    return sum;
  }
}
