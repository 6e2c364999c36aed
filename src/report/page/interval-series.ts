/** RTTs that were counted together, interval by interval. */
import type { AggregateSeries } from '../aggregate-facts.js';
import { type Counted, percentileOf, sumOf } from '../buckets.js';
import type { Columns } from './columns.js';
import { CountedRtts } from './counted-rtts.js';
import type { Range } from './range.js';
import type { RttDistribution, RttSeries } from './rtt-series.js';

/** Where there was no RTT in between, slots are not joined. */
const JOINED_SLOTS = 2.5;

/** A slot with RTTs. */
interface Slot {
  /** Its middle, ms since the epoch. */
  readonly time: number;
  readonly counted: Counted;
}

export class IntervalSeries implements RttSeries {
  readonly least: number;
  readonly most: number;
  readonly #slots: readonly Slot[];
  readonly #slotMs: number;

  constructor({ slots, counted }: AggregateSeries, slotMs: number) {
    const all = slots.map((slot, at) => ({
      time: (slot + 0.5) * slotMs,
      counted: counted[at] as Counted,
    }));
    this.#slots = all.filter((slot) => slot.counted.reported > 0);
    this.#slotMs = slotMs;
    const sum = sumOf(this.#slots.map((slot) => slot.counted));
    this.least = sum.reported > 0 ? sum.least : Number.POSITIVE_INFINITY;
    this.most = sum.most;
  }

  /** A slot each, or a pixel where there are more of them. */
  columns(range: Range, pixels: number): Columns {
    const visible = this.#visible(range);
    const groups =
      visible.length > pixels ? byPixel(visible, range, pixels) : visible.map((slot) => [slot]);
    const reach = Math.max(
      JOINED_SLOTS * this.#slotMs,
      (JOINED_SLOTS * (range.to - range.from)) / pixels,
    );
    return { ...columnsOf(groups), reach };
  }

  within(range: Range): RttDistribution {
    return new CountedRtts(sumOf(this.#visible(range).map(({ counted }) => counted)));
  }

  #visible({ from, to }: Range): readonly Slot[] {
    return this.#slots.filter(({ time }) => time >= from && time <= to);
  }
}

function byPixel(slots: readonly Slot[], { from, to }: Range, pixels: number): Slot[][] {
  const groups = new Map<number, Slot[]>();
  for (const slot of slots) {
    const pixel = Math.floor(((slot.time - from) * pixels) / (to - from));
    const group = groups.get(pixel) ?? [];
    group.push(slot);
    groups.set(pixel, group);
  }
  return [...groups.values()];
}

function columnsOf(groups: readonly (readonly Slot[])[]): Columns {
  const sums = groups.map((group) => sumOf(group.map(({ counted }) => counted)));
  const each = (figure: (sum: Counted) => number) => Float64Array.from(sums, figure);
  return {
    times: Float64Array.from(groups, middleOf),
    least: each(({ least }) => least),
    median: each((sum) => percentileOf(sum, 50)),
    p99: each((sum) => percentileOf(sum, 99)),
    most: each(({ most }) => most),
    counts: each(({ reported }) => reported),
  };
}

function middleOf(group: readonly Slot[]): number {
  return ((group[0] as Slot).time + (group.at(-1) as Slot).time) / 2;
}
