/** What the live view shows a line of where RTTs are counted in the kernel: networks, owners, interfaces. */

import type { Protocol } from '../events/names.js';
import { interfaceText } from '../events/places.js';
import { forgetOldest } from '../forget-oldest.js';
import { networkText, ownerText } from '../format/aggregate-parts.js';
import { networkKey } from '../summary/aggregated-who.js';
import type { AggregateFigures, SideAggregates } from '../summary/aggregates.js';
import type { SideKey } from '../summary/by-side.js';
import { resentIn } from '../summary/resent.js';
import type { Side } from '../summary/sides.js';
import { asciiText } from '../text/ascii.js';
import type { HostNames } from '../text/host.js';
import { type Look, markedName } from './row.js';
import { Sparkline } from './sparkline.js';

/** Of a side, the worst of an interval: they are remembered. */
const WORST = 4_096;
/** Those that were among the worst last, for so many sides or more: those of one interval all stay. */
const LEAST_SIDES = 3;

export class AggregateRows {
  readonly #names: HostNames | undefined;
  /** In the order in which they were last among the worst. */
  readonly #remembered = new Map<string, Sparkline>();
  #looks: readonly AggregateLook[] = [];
  /** Of intervals. */
  #number = 0;

  /** @param names undefined where hosts are shown by their addresses */
  constructor(names?: HostNames) {
    this.#names = names;
  }

  /** An interval is over. */
  take(sides: readonly SideAggregates[]): void {
    this.#number++;
    this.#looks = sides.flatMap(({ parts }) => parts.map((figures) => this.#lookOf(figures)));
    const most = WORST * Math.max(LEAST_SIDES, sides.length + 1);
    for (const side of sides) this.#remember(side, most);
  }

  /** Of the last interval; the same ones until the next. */
  look(): readonly Look[] {
    return this.#looks;
  }

  #lookOf(figures: AggregateFigures): AggregateLook {
    return new AggregateLook(figures, this.#number, this.#names);
  }

  /** Those of a side and protocol come with the worst first. */
  #remember({ side, protocol }: SideKey, most: number): void {
    const worst: AggregateLook[] = [];
    for (const look of this.#looks) {
      const isOfSide = look.side === side && look.protocol === protocol;
      if (isOfSide && worst.push(look) === WORST) break;
    }
    for (const look of worst) if (look.p99 !== undefined) this.#record(look, look.p99, most);
  }

  #record(look: AggregateLook, p99: number, most: number): void {
    const { key } = look;
    const history = this.#remembered.get(key) ?? new Sparkline(1);
    history.record(p99, this.#number);
    look.history = history;
    this.#remembered.delete(key);
    forgetOldest(this.#remembered, most);
    this.#remembered.set(key, history);
  }
}

/** There may be 100,000 of them, most of which nobody looks at: text is made where it is asked for. */
class AggregateLook implements Look {
  readonly isClosed = false;
  /** Its p99 in each interval, the latest included; undefined where it is not remembered. */
  history: Sparkline | undefined;
  readonly #figures: AggregateFigures;
  readonly #number: number;
  readonly #names: HostNames | undefined;
  #name: string | undefined;

  constructor(figures: AggregateFigures, number: number, names: HostNames | undefined) {
    this.#figures = figures;
    this.#number = number;
    this.#names = names;
  }

  get key(): string {
    return `${this.side} ${this.name} ${this.interfaces}`;
  }

  /** Addresses, also where they have names: a filter would have all of them looked up. */
  get name(): string {
    this.#name ??= marked(this.#figures, nameOf(this.#figures));
    return this.#name;
  }

  /** Where it is shown. */
  get shownName(): string {
    const { network } = this.#figures;
    if (!network || !this.#names) return this.name;
    return marked(this.#figures, networkText(network, this.#names));
  }

  /** A network counts once, also where it has rows of several sides, protocols and interfaces; others do not count. */
  get subject(): string | undefined {
    const { network, isOthers } = this.#figures;
    if (isOthers) return undefined;
    return network ? networkKey(network) : nameOf(this.#figures);
  }

  get side(): Side {
    return this.#figures.side;
  }

  get protocol(): Protocol | undefined {
    return this.#figures.protocol;
  }

  get interfaces(): readonly string[] {
    const name = this.#figures.seenAt && interfaceText(this.#figures.seenAt);
    return name === undefined ? [] : [asciiText(name)];
  }

  get samples(): number {
    return this.#figures.samples;
  }

  get overdue(): number {
    return this.#figures.overdue;
  }

  get resent(): number | undefined {
    return resentIn(this.#figures);
  }

  get least(): number | undefined {
    return this.#figures.rtt?.min;
  }

  get median(): number | undefined {
    return this.#figures.rtt?.p50;
  }

  get p90(): number | undefined {
    return this.#figures.rtt?.p90;
  }

  get p99(): number | undefined {
    return this.#figures.rtt?.p99;
  }

  get most(): number | undefined {
    return this.#figures.rtt?.max;
  }

  get lastMinute(): string {
    return this.history?.text(this.#number) ?? '';
  }
}

/** As rows of what is told event by event. */
function marked({ protocol = 'TCP' }: AggregateFigures, name: string): string {
  return markedName(protocol, name);
}

function nameOf({ network, owner, seenAt, isOthers }: AggregateFigures): string {
  if (isOthers) return 'others';
  if (owner) return ownerText(owner);
  if (network) return networkText(network);
  const name = seenAt && interfaceText(seenAt);
  return name === undefined ? 'all' : asciiText(name);
}
