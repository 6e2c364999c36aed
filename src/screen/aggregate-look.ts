/** A row of the live view for what was counted in the kernel in an interval: of a network, say, or of an owner. */

import type { Protocol } from '../events/names.js';
import { interfaceText } from '../events/places.js';
import { networkText, ownerText } from '../format/aggregate-parts.js';
import { type AggregatedWho, networkKey } from '../summary/aggregated-who.js';
import type { AggregateFigures } from '../summary/aggregates.js';
import type { SideKey } from '../summary/by-side.js';
import type { Distribution } from '../summary/distribution.js';
import { failedIn } from '../summary/dns.js';
import type { DnsAggregateFigures } from '../summary/dns-aggregates.js';
import { resentIn } from '../summary/resent.js';
import type { Side } from '../summary/sides.js';
import { asciiText } from '../text/ascii.js';
import type { HostNames } from '../text/host.js';
import { type Look, markedName } from './row.js';
import type { Sparkline } from './sparkline.js';

/** What figures of both kinds have. */
export type Counted = SideKey & AggregatedWho;

/** There may be 100,000 of them, most of which nobody looks at: text is made where it is asked for. */
export abstract class AggregateLook<Figures extends Counted = Counted> implements Look {
  readonly isClosed = false;
  /** Its p99 in each interval, the latest included; undefined where it is not remembered. */
  history: Sparkline | undefined;
  protected readonly figures: Figures;
  readonly #number: number;
  readonly #names: HostNames | undefined;
  #name: string | undefined;

  /**
   * @param number of the interval
   * @param names undefined where hosts are shown by their addresses
   */
  constructor(figures: Figures, number: number, names: HostNames | undefined) {
    this.figures = figures;
    this.#number = number;
    this.#names = names;
  }

  /** RTTs, or response times; undefined where there were none. */
  protected abstract get times(): Distribution | undefined;

  get key(): string {
    return `${this.side} ${this.name} ${this.interfaces}`;
  }

  /** Addresses, also where they have names: a filter would have all of them looked up. */
  get name(): string {
    this.#name ??= marked(this.figures, nameOf(this.figures));
    return this.#name;
  }

  /** Where it is shown. */
  get shownName(): string {
    const { network } = this.figures;
    if (!network || !this.#names) return this.name;
    return marked(this.figures, networkText(network, this.#names));
  }

  /** A network counts once, also where it has rows of several sides, protocols and interfaces; others do not count. */
  get subject(): string | undefined {
    const { network, isOthers } = this.figures;
    if (isOthers) return undefined;
    return network ? networkKey(network) : nameOf(this.figures);
  }

  get side(): Side {
    return this.figures.side;
  }

  get protocol(): Protocol | undefined {
    return this.figures.protocol;
  }

  get interfaces(): readonly string[] {
    const name = this.figures.seenAt && interfaceText(this.figures.seenAt);
    return name === undefined ? [] : [asciiText(name)];
  }

  get least(): number | undefined {
    return this.times?.min;
  }

  get median(): number | undefined {
    return this.times?.p50;
  }

  get p90(): number | undefined {
    return this.times?.p90;
  }

  get p99(): number | undefined {
    return this.times?.p99;
  }

  get most(): number | undefined {
    return this.times?.max;
  }

  get lastMinute(): string {
    return this.history?.text(this.#number) ?? '';
  }
}

export class RttAggregateLook extends AggregateLook<AggregateFigures> {
  protected get times(): Distribution | undefined {
    return this.figures.rtt;
  }

  get samples(): number {
    return this.figures.samples;
  }

  get overdue(): number {
    return this.figures.overdue;
  }

  get resent(): number | undefined {
    return resentIn(this.figures);
  }
}

/** Of resolvers, or of those who have asked. */
export class DnsAggregateLook extends AggregateLook<DnsAggregateFigures> {
  protected get times(): Distribution | undefined {
    return this.figures.responseTime;
  }

  get failed(): number {
    return failedIn(this.figures.rcodes);
  }

  get unanswered(): number {
    return this.figures.unanswered;
  }

  get queries(): number {
    return this.figures.responses + this.figures.unanswered;
  }

  /** The share that was answered after it was sent again, of all that are over; undefined of none. */
  get resent(): number | undefined {
    const { ambiguous } = this.figures;
    return ambiguous > 0 ? ambiguous / (this.queries + ambiguous) : undefined;
  }
}

/** As rows of what is told event by event. */
function marked({ protocol = 'TCP' }: Counted, name: string): string {
  return markedName(protocol, name);
}

function nameOf({ network, owner, seenAt, isOthers }: Counted): string {
  if (isOthers) return 'others';
  if (owner) return ownerText(owner);
  if (network) return networkText(network);
  const name = seenAt && interfaceText(seenAt);
  return name === undefined ? 'all' : asciiText(name);
}
