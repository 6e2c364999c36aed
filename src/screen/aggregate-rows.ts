/** What the live view shows a line of where RTTs, or response times, are counted in the kernel: networks, owners, interfaces. */

import { forgetOldest } from '../forget-oldest.js';
import type { SideKey } from '../summary/by-side.js';
import type { HostNames } from '../text/host.js';
import type { AggregateLook, Counted } from './aggregate-look.js';
import type { Look } from './row.js';
import { Sparkline } from './sparkline.js';

/** Of a side, the worst of an interval: they are remembered. */
const WORST = 4_096;
/** Those that were among the worst last, for so many sides or more: those of one interval all stay. */
const LEAST_SIDES = 3;

/** Of an interval, with the worst first. */
export interface CountedSide<Figures extends Counted> extends SideKey {
  readonly parts: readonly Figures[];
}

/** How they look, as AggregateLook is made. */
type LookOf<Figures extends Counted> = new (
  figures: Figures,
  number: number,
  names: HostNames | undefined,
) => AggregateLook<Figures>;

export class AggregateRows<Figures extends Counted> {
  readonly #Look: LookOf<Figures>;
  readonly #names: HostNames | undefined;
  /** In the order in which they were last among the worst. */
  readonly #remembered = new Map<string, Sparkline>();
  #looks: readonly AggregateLook<Figures>[] = [];
  /** Of intervals. */
  #number = 0;

  /** @param names undefined where hosts are shown by their addresses */
  constructor(lookOf: LookOf<Figures>, names?: HostNames) {
    this.#Look = lookOf;
    this.#names = names;
  }

  /** An interval is over. */
  take(sides: readonly CountedSide<Figures>[]): void {
    this.#number++;
    this.#looks = sides.flatMap(({ parts }) => parts.map((figures) => this.#lookOf(figures)));
    const most = WORST * Math.max(LEAST_SIDES, sides.length + 1);
    for (const side of sides) this.#remember(side, most);
  }

  /** Of the last interval; the same ones until the next. */
  look(): readonly Look[] {
    return this.#looks;
  }

  #lookOf(figures: Figures): AggregateLook<Figures> {
    return new this.#Look(figures, this.#number, this.#names);
  }

  /** Those of a side and protocol come with the worst first. */
  #remember({ side, protocol }: SideKey, most: number): void {
    const worst: AggregateLook<Figures>[] = [];
    for (const look of this.#looks) {
      const isOfSide = look.side === side && look.protocol === protocol;
      if (isOfSide && worst.push(look) === WORST) break;
    }
    for (const look of worst) if (look.p99 !== undefined) this.#record(look, look.p99, most);
  }

  #record(look: AggregateLook<Figures>, p99: number, most: number): void {
    const { key } = look;
    const history = this.#remembered.get(key) ?? new Sparkline(1);
    history.record(p99, this.#number);
    look.history = history;
    this.#remembered.delete(key);
    forgetOldest(this.#remembered, most);
    this.#remembered.set(key, history);
  }
}
