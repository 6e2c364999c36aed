/**
 * RTTs that the core has counted, interval by interval: of each side of the interface and each protocol, and below it of its networks or
 * interfaces, the worst first.
 */
import type { Aggregate, Bucket, Traffic } from '../events/aggregate.js';
import type { Aggregation } from '../sampling/aggregation.js';
import { type AggregatedWho, type AggregateNames, whoIs } from './aggregated-who.js';
import { figuresOf, sumOfBuckets } from './buckets.js';
import { BySide, type SideKey, ToldSides } from './by-side.js';
import type { Distribution } from './distribution.js';
import type { Side } from './sides.js';
import { worstFirst } from './worst-first.js';

/** Of one interval. Durations in nanoseconds. */
export interface AggregateFigures extends SideKey, AggregatedWho {
  readonly samples: number;
  readonly reported: number;
  readonly overdue: number;
  /** Towards those that have answered. */
  readonly sent: Traffic;
  readonly rec: Traffic;
  readonly sum: bigint;
  /** Percentiles are middles of buckets; undefined where there is no RTT. */
  readonly rtt: Distribution | undefined;
  readonly buckets: readonly Bucket[];
}

/** Of one side, and protocol, in one interval. */
export interface SideAggregates extends SideKey {
  /** All of it. */
  readonly all: AggregateFigures;
  /** What is told apart, the worst first: by their p99. */
  readonly parts: readonly AggregateFigures[];
}

export class Aggregates {
  readonly #aggregation: Aggregation;
  readonly #names: AggregateNames;
  readonly #told: ToldSides;
  readonly #areProtocolsTold: boolean;

  /**
   * @param expected the side that is told as long as there is nothing of any
   * @param areProtocolsTold where there may be RTTs of others than TCP
   */
  constructor(
    aggregation: Aggregation,
    expected: Side,
    names: AggregateNames = {},
    areProtocolsTold = false,
  ) {
    this.#aggregation = aggregation;
    this.#names = names;
    this.#told = new ToldSides(expected);
    this.#areProtocolsTold = areProtocolsTold;
  }

  /** Of an interval. @returns of each side and protocol that there ever was an RTT of */
  take(aggregates: readonly Aggregate[]): SideAggregates[] {
    const sides = new BySide<Aggregate[]>(this.#areProtocolsTold, () => []);
    for (const each of aggregates) sides.of(each.side, each.protocol).push(each);
    for (const key of sides.all()) this.#told.add(key);
    return this.#told
      .all()
      .map((key) => this.#sideFigures(key, sides.get(key.side, key.protocol) ?? []));
  }

  #sideFigures(key: SideKey, aggregates: readonly Aggregate[]): SideAggregates {
    const parts = aggregates.map((each) => this.#partFigures(key, each));
    return { ...key, all: together(key, aggregates), parts: worstFirst(parts, p99Of) };
  }

  /** There may be 100,000 of them, which the event loop waits for. */
  #partFigures({ side, protocol }: SideKey, aggregate: Aggregate): AggregateFigures {
    const { samples, reported, overdue, sum, buckets, sent, rec } = aggregate;
    const rtt = figuresOf(aggregate);
    const who = whoIs(aggregate, this.#aggregation, this.#names);
    return { side, protocol, ...who, samples, reported, overdue, sent, rec, sum, rtt, buckets };
  }
}

function p99Of({ rtt }: AggregateFigures): number {
  return rtt?.p99 ?? 0;
}

function together(key: SideKey, aggregates: readonly Aggregate[]): AggregateFigures {
  const counted = sumOfBuckets(aggregates);
  const total = (field: 'samples' | 'reported' | 'overdue') =>
    aggregates.reduce((sum, aggregate) => sum + aggregate[field], 0);
  return {
    ...key,
    isOthers: false,
    samples: total('samples'),
    reported: total('reported'),
    overdue: total('overdue'),
    sent: trafficOf(aggregates.map(({ sent }) => sent)),
    rec: trafficOf(aggregates.map(({ rec }) => rec)),
    sum: aggregates.reduce((sum, aggregate) => sum + aggregate.sum, 0n),
    rtt: figuresOf(counted),
    buckets: counted.buckets,
  };
}

function trafficOf(parts: readonly Traffic[]): Traffic {
  const total = (field: keyof Traffic) => parts.reduce((sum, part) => sum + part[field], 0);
  return {
    packets: total('packets'),
    bytes: total('bytes'),
    retransmittedPackets: total('retransmittedPackets'),
    retransmittedBytes: total('retransmittedBytes'),
  };
}
