/** What a report of aggregates is made of: written by the program, read by the page. */
import type { Counted } from './buckets.js';
import type { PerSide, RecordedFacts, SeenAt, SideIndex } from './run-facts.js';

export interface AggregateFacts extends RecordedFacts {
  readonly kind: 'aggregates';
  readonly places: readonly SeenAt[];
  /** Of a slot, ms. */
  readonly slotMs: number;
  /** How many rows there are of each side; not all need to be told. */
  readonly rowCounts: PerSide;
  /** The worst first. */
  readonly rows: readonly AggregateRow[];
}

/** A network, an owner, or an interface. Durations in ns; 0 where there is no RTT. */
export interface AggregateRow {
  readonly side: SideIndex;
  /** An index into the places. */
  readonly place: number;
  /** Undefined of all that was seen there, and of the others; as is the owner. */
  readonly prefix?: string | undefined;
  readonly owner?: string | undefined;
  /** Those for which there was no room. */
  readonly isOthers: boolean;
  readonly samples: number;
  readonly reported: number;
  readonly overdue: number;
  readonly least: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
  /** Whether it was kept over time. */
  readonly hasSeries: boolean;
}

/** Over time. */
export interface AggregateSeries {
  /** Since the epoch, in widths of a slot; ascending. */
  readonly slots: readonly number[];
  /** What was counted in each. */
  readonly counted: readonly Counted[];
}

export interface AggregateRun {
  readonly facts: AggregateFacts;
  /** Of each side that has a number of rows, and then of each row that has one. */
  readonly series: readonly AggregateSeries[];
}
