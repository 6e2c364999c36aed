/** RTTs that were counted together: what a report shows of them, or why it does not. */
import { count, durationText } from '../text/units.js';
import type { AggregateRecord } from './aggregate-record.js';
import { AggregateStore } from './aggregate-store.js';
import { Places } from './places.js';
import { Protocols } from './protocols.js';

/** Timers are late: what differs by less is the same length. */
const SAME_LENGTH = 0.02;
const NS_PER_SECOND = 1e9;
const NS_PER_MS = 1e6;

/** Aggregates, and the RTTs in them. */
interface Tally {
  aggregates: number;
  reported: number;
}

export class Aggregates {
  readonly store = new AggregateStore();
  readonly places = new Places();
  readonly protocols = new Protocols();
  readonly #prefixes = { 4: new Set<number>(), 6: new Set<number>() };
  readonly #lengths = new Set<number>();
  /** Of RTTs that are told one by one, too; of those that are not. */
  readonly #told: Tally = noTally();
  readonly #untold: Tally = noTally();
  /** Of the run that is read. */
  #run = { ...noTally(), hasRtts: false };
  /** Of this input, once there is one. */
  #usual: number | undefined;
  #hasRtts = false;
  #hasWholes = false;
  #intervals = 0;
  #latest = 0;
  /** RTTs. */
  #elsewhere = 0;

  take(record: AggregateRecord): void {
    this.#run.aggregates++;
    this.#run.reported += record.counted.reported;
    if (this.#hasRtts) return;
    if (record.time !== this.#latest) this.#intervals++;
    this.#latest = record.time;
    this.#usual ??= this.#meetLength(record.length);
    this.#meetKind(record);
    const side = this.protocols.sideOf(record);
    this.store.take({ ...record, side }, this.places.indexOf(record), this.#usual);
  }

  /** One of a run of which only one interface is wanted, and this is of none alone. */
  leaveOut({ counted }: AggregateRecord): void {
    this.#elsewhere += counted.reported;
  }

  /** There is an RTT that is told by itself: then the report is of these. */
  meetRtt(): void {
    this.#run.hasRtts = true;
    this.#hasRtts = true;
  }

  nextInput(): void {
    this.#usual = undefined;
  }

  endRun(): void {
    const { aggregates, reported, hasRtts } = this.#run;
    const tally = hasRtts ? this.#told : this.#untold;
    tally.aggregates += aggregates;
    tally.reported += reported;
    this.#run = { ...noTally(), hasRtts: false };
  }

  /** RTTs that were counted. */
  get reported(): number {
    return this.#untold.reported + this.#told.reported + this.#run.reported;
  }

  get intervals(): number {
    return this.#intervals;
  }

  /** For a report of RTTs that were told one by one: why these are not in it. To be asked for at the end. */
  get remarksBesideRtts(): string[] {
    this.endRun();
    const once = 'it has their RTTs one by one';
    const alone = 'it shows RTTs recorded one by one; make a separate report of these runs';
    return [...leftOutText(this.#told, once), ...leftOutText(this.#untold, alone)];
  }

  /** For a report of aggregates. */
  get remarks(): string[] {
    return [
      ...this.#lengthRemark(),
      ...this.#prefixRemark(),
      ...(this.store.areRowsFull ? [FULL] : []),
      ...(this.#elsewhere > 0
        ? [`${count(this.#elsewhere, 'RTT')} left out: ${NO_INTERFACE}`]
        : []),
    ];
  }

  #lengthRemark(): string[] {
    if (this.#lengths.size < 2) return [];
    const lengths = [...this.#lengths].sort((a, b) => a - b).map(lengthText);
    return [
      `Intervals have different lengths (${lengths.join(', ')}): the time axis uses steps of ${lengthText(this.store.width)}.`,
    ];
  }

  #prefixRemark(): string[] {
    const several = ([4, 6] as const).filter((version) => this.#prefixes[version].size > 1);
    const texts = several.map((version) => `IPv${version}: ${listed(this.#prefixes[version])}`);
    const hasPrefixes = this.#prefixes[4].size + this.#prefixes[6].size > 0;
    return [
      ...(texts.length > 0
        ? [
            `Networks have different prefix lengths (${texts.join('; ')}): each RTT counts in one of them.`,
          ]
        : []),
      ...(hasPrefixes && this.#hasWholes ? [MIXED] : []),
    ];
  }

  #meetLength(length: number): number {
    const second = Math.max(1, Math.round(length / NS_PER_SECOND)) * NS_PER_SECOND;
    const usual = isAlike(length, second) ? second : length;
    if (![...this.#lengths].some((known) => isAlike(usual, known))) this.#lengths.add(usual);
    return usual;
  }

  #meetKind({ prefix, owner, isOthers }: AggregateRecord): void {
    const bits = Number(prefix?.split('/')[1]);
    if (prefix !== undefined) this.#prefixes[prefix.includes(':') ? 6 : 4].add(bits);
    else if (owner === undefined && !isOthers) this.#hasWholes = true;
  }
}

const FULL = 'There are more networks than a report can list: the rest is counted in "others".';
const MIXED =
  'Some aggregates cover a network, others a whole interface: each RTT counts in one of them.';
const NO_INTERFACE = 'counted for several interfaces together.';

function noTally(): Tally {
  return { aggregates: 0, reported: 0 };
}

function leftOutText({ aggregates, reported }: Tally, why: string): string[] {
  if (aggregates === 0) return [];
  const what = `${count(aggregates, 'aggregate')} of ${count(reported, 'RTT')}`;
  return [`${what} ${aggregates === 1 ? 'is' : 'are'} not in this report: ${why}.`];
}

function isAlike(length: number, other: number): boolean {
  return Math.abs(length - other) <= SAME_LENGTH * other;
}

function listed(bits: ReadonlySet<number>): string {
  return [...bits]
    .sort((a, b) => a - b)
    .map((each) => `/${each}`)
    .join(', ');
}

/** To a millisecond. */
function lengthText(length: number): string {
  return durationText(BigInt(Math.max(1, Math.round(length / NS_PER_MS)) * NS_PER_MS));
}
