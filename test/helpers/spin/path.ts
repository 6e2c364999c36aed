/** A path with a watcher on it: four stretches, what each does to packets, and what they take at least. */
import type { Random } from '../../../lab/random.js';
import { chance } from '../pair/draw.js';
import type { Role } from './endpoint.js';

/** One way, in ns. */
export interface Delays {
  readonly clientToWatcher: number;
  readonly watcherToServer: number;
  readonly serverToWatcher: number;
  readonly watcherToClient: number;
}

/** What happens to packets on each stretch. */
export interface Faults {
  /** The share that is lost. */
  readonly loss?: number;
  /** The share that takes a detour, of up to so many ns, and may be overtaken by those behind it. */
  readonly reordering?: number;
  readonly detour?: number;
  /** The share of which a second copy takes a detour, too. */
  readonly duplicates?: number;
  /** From a time on (ns) the delay is longer, or shorter again, by so many ns. */
  readonly changes?: readonly { readonly at: number; readonly by: number }[];
  /** Delays grow by up to so many ns and shrink again, as a queue does, once in each period (ns). */
  readonly swing?: number;
  readonly period?: number;
}

const DETOUR_NS = 5_000_000;
const PERIOD_NS = 1_000_000_000;
const { abs, floor, max, min } = Math;

/** Packets keep their order, save for those that take a detour. Nothing is faster than its delay. */
class Stretch {
  readonly #delay: number;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #changes: NonNullable<Faults['changes']>;
  #last = 0;

  constructor(delay: number, faults: Faults, random: Random) {
    this.#delay = delay;
    this.#faults = faults;
    this.#random = random;
    this.#changes = faults.changes ?? [];
    const { swing = 0, period = PERIOD_NS } = faults;
    // Else what is sent later could be there earlier, and leastHalf() would be no bound.
    if (4 * swing > period) throw new RangeError('a delay that shrinks faster than time passes');
  }

  delayAt(time: number): number {
    const { swing = 0, period = PERIOD_NS } = this.#faults;
    const phase = (time % period) / period;
    const changed = this.#changes.reduce((sum, { at, by }) => (at <= time ? sum + by : sum), 0);
    return this.#delay + changed + floor(swing * (1 - abs(2 * phase - 1)));
  }

  /** When something that is sent at that time, or later, arrives at the earliest. */
  earliest(time: number): number {
    const later = this.#changes.filter(({ at, by }) => at > time && by < 0);
    return min(...[time, ...later.map(({ at }) => at)].map((at) => at + this.delayAt(at)));
  }

  /** @returns when what is sent now arrives: never, once, or twice */
  arrivals(now: number): number[] {
    const { loss = 0, reordering = 0, duplicates = 0 } = this.#faults;
    if (chance(this.#random, loss)) return [];
    const direct = max(this.#last, now + this.delayAt(now));
    if (chance(this.#random, reordering)) return [this.#detoured(direct)];
    this.#last = direct;
    return chance(this.#random, duplicates) ? [direct, this.#detoured(direct)] : [direct];
  }

  #detoured(direct: number): number {
    return direct + 1 + this.#random.below(this.#faults.detour ?? DETOUR_NS);
  }
}

export class Path {
  readonly #towards: Readonly<Record<Role, Stretch>>;
  readonly #from: Readonly<Record<Role, Stretch>>;

  constructor(delays: Delays, faults: Faults, random: Random) {
    const stretch = (delay: number) => new Stretch(delay, faults, random);
    this.#from = {
      client: stretch(delays.clientToWatcher),
      server: stretch(delays.serverToWatcher),
    };
    this.#towards = {
      client: stretch(delays.watcherToClient),
      server: stretch(delays.watcherToServer),
    };
  }

  /** When what this end sends now passes the watcher, each time. */
  toWatcher(from: Role, now: number): readonly number[] {
    return this.#from[from].arrivals(now);
  }

  /** When what passes the watcher now reaches this end, each time. */
  fromWatcher(to: Role, now: number): readonly number[] {
    return this.#towards[to].arrivals(now);
  }

  /** How long what this end sends at that time takes at least to the watcher. */
  leastToWatcher(from: Role, at: number): number {
    return this.#from[from].delayAt(at);
  }

  leastFromWatcher(to: Role, at: number): number {
    return this.#towards[to].delayAt(at);
  }

  /** What it takes at least from the watcher to this end and back, for what passes the watcher at that time. */
  leastHalf(end: Role, at: number): number {
    return this.#from[end].earliest(this.#towards[end].earliest(at)) - at;
  }

  /** The same of a whole round trip of what this end has sent: to the other end, to this one and back to the watcher. */
  leastFull(from: Role, at: number): number {
    const first = this.leastHalf(from === 'client' ? 'server' : 'client', at);
    return first + this.leastHalf(from, at + first);
  }
}
