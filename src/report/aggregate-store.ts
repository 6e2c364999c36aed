/** What was counted in a run, of each side over time and of each row: a network, an owner, an interface. In bounded memory. */

import type { AggregateRow, AggregateSeries } from './aggregate-facts.js';
import type { AggregateRecord } from './aggregate-record.js';
import { type Counted, NOTHING, percentileOf, sumOf } from './buckets.js';
import { addAt, type PerSide, SIDE_COUNT, type SideIndex } from './run-facts.js';
import { Slots } from './slots.js';

/** Of a row and a slot: two million of these are 1 GB. */
const MOST_KEPT = 100_000;
/** More of them are counted with those for which the kernel had no room. */
const MOST_ROWS = 131_072;
/** Of a side: a chart has a thousand pixels. */
const MOST_SLOTS = 2_048;
/** That are told, of a side. */
const MOST_TOLD = 10_000;
const WORST = 99;

export interface StoreLimits {
  readonly kept: number;
  readonly rows: number;
  readonly slots: number;
  readonly told: number;
}

const LIMITS: StoreLimits = {
  kept: MOST_KEPT,
  rows: MOST_ROWS,
  slots: MOST_SLOTS,
  told: MOST_TOLD,
};

interface Row {
  readonly side: SideIndex;
  readonly place: number;
  readonly prefix: string | undefined;
  readonly owner: string | undefined;
  readonly isOthers: boolean;
  counted: Counted;
  /** Undefined where only the sum is kept. */
  slots: Slots | undefined;
}

export class AggregateStore {
  readonly #limits: StoreLimits;
  /** Of each protocol. */
  readonly #sides = [new Slots(), new Slots(), new Slots()];
  readonly #rows = new Map<string, Row>();
  /** Slots of all rows. */
  #kept = 0;
  /** In ns; 0 before there is any. */
  #width = 0;
  #areRowsFull = false;

  constructor(limits: StoreLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Whether further rows are counted together. */
  get areRowsFull(): boolean {
    return this.#areRowsFull;
  }

  /** Of a slot, ns. */
  get width(): number {
    return this.#width;
  }

  /**
   * @param record its side is that of its protocol
   * @param place an index
   * @param usual the length of an interval as a rule: slots are no narrower
   */
  take(record: AggregateRecord, place: number, usual: number): void {
    if (this.#width === 0) this.#width = Math.max(1, usual);
    while (this.#width < usual) this.#widen();
    const side = this.#slotsOf(record.side);
    side.add(this.#slotOf(record), record.counted);
    this.#addToRow(record, place);
    if (side.size > this.#limits.slots) this.#widen();
    if (this.#kept > this.#limits.kept) this.#forgetLeast();
  }

  get sides(): AggregateSeries[] {
    return this.#sides.map((side) => this.#seriesOf(side));
  }

  /** How many there are in each side. */
  get counts(): PerSide {
    const counts: PerSide = this.#sides.map(() => 0);
    for (const { side } of this.#rows.values()) addAt(counts, side, 1);
    return counts;
  }

  /** The worst of each side first, and always those for which there was no room. */
  get told(): { readonly row: AggregateRow; readonly series: AggregateSeries | undefined }[] {
    const rows = [...this.#rows.values()].map((row) => ({ row, worst: worstOf(row) }));
    rows.sort((a, b) => b.worst - a.worst);
    const told: PerSide = [];
    const isTold = ({ side, isOthers }: Row) => {
      addAt(told, side, 1);
      return (told[side] as number) <= this.#limits.told || isOthers;
    };
    return rows.flatMap(({ row }) => (isTold(row) ? [this.#toldOf(row)] : []));
  }

  #slotsOf(side: SideIndex): Slots {
    while (this.#sides.length <= side) {
      for (let each = 0; each < SIDE_COUNT; each++) this.#sides.push(new Slots());
    }
    return this.#sides[side] as Slots;
  }

  /** In the middle of its interval. */
  #slotOf({ time, length }: AggregateRecord): number {
    return Math.floor((time - length / 2) / this.#width);
  }

  #addToRow(record: AggregateRecord, place: number): void {
    const row = this.#rowOf(record, place);
    row.counted = sumOf([row.counted, record.counted]);
    if (!row.slots) return;
    const before = row.slots.size;
    row.slots.add(this.#slotOf(record), record.counted);
    this.#kept += row.slots.size - before;
  }

  #rowOf(record: AggregateRecord, place: number): Row {
    const { side, prefix, owner, isOthers } = record;
    const key = JSON.stringify([side, place, isOthers, prefix, owner]);
    const known = this.#rows.get(key);
    if (known) return known;
    if (this.#rows.size >= this.#limits.rows && !isOthers) {
      this.#areRowsFull = true;
      return this.#rowOf({ ...record, prefix: undefined, owner: undefined, isOthers: true }, place);
    }
    const terms = { side, place, prefix, owner, isOthers };
    const row: Row = { ...terms, counted: NOTHING, slots: new Slots() };
    this.#rows.set(key, row);
    return row;
  }

  #widen(): void {
    this.#width *= 2;
    for (const side of this.#sides) side.widen();
    this.#kept = 0;
    for (const { slots } of this.#rows.values()) {
      slots?.widen();
      this.#kept += slots?.size ?? 0;
    }
  }

  /** Over time, until half of the room is free: of those that are the least bad until now. */
  #forgetLeast(): void {
    const rows = [...this.#rows.values()].filter(({ slots }) => slots);
    const byWorst = rows.map((row) => ({ row, worst: worstOf(row) }));
    byWorst.sort((a, b) => a.worst - b.worst);
    for (const { row } of byWorst) {
      if (2 * this.#kept <= this.#limits.kept) return;
      this.#kept -= row.slots?.size ?? 0;
      row.slots = undefined;
    }
  }

  #toldOf({ slots, counted, ...row }: Row) {
    const { samples, reported, overdue, least, most } = counted;
    const [median, p90, p99] = [50, 90, 99].map((percent) => figureOf(counted, percent));
    const times = { least, median: median ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, most };
    return {
      row: { ...row, samples, reported, overdue, ...times, hasSeries: slots !== undefined },
      series: slots && this.#seriesOf(slots),
    };
  }

  #seriesOf(slots: Slots): AggregateSeries {
    const sorted = slots.sorted();
    return { slots: sorted.map(([slot]) => slot), counted: sorted.map(([, counted]) => counted) };
  }
}

function worstOf({ counted }: Row): number {
  return figureOf(counted, WORST);
}

/** 0 where there is no RTT. */
function figureOf(counted: Counted, percent: number): number {
  return counted.reported > 0 ? percentileOf(counted, percent) : 0;
}
