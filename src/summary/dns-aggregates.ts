/**
 * Response times of DNS that the core has counted, interval by interval: of each side of the interface, and below it of
 * what resolvers are told apart by, the worst first. In no figure of RTTs.
 */
import type { Bucket, DnsAggregate } from '../events/aggregate.js';
import type { DnsCounts } from '../events/dns-counts.js';
import type { Aggregation } from '../sampling/aggregation.js';
import { type AggregatedWho, type AggregateNames, whoIs } from './aggregated-who.js';
import { figuresOf, sumOfBuckets } from './buckets.js';
import { BySide, ToldSides } from './by-side.js';
import type { Distribution } from './distribution.js';
import type { Side } from './sides.js';
import { worstFirst } from './worst-first.js';

/** Of one interval. Durations in nanoseconds. */
export interface DnsAggregateFigures extends AggregatedWho, DnsCounts {
  readonly side: Side;
  /** Each with a response time. */
  readonly responses: number;
  /** Queries that nothing has answered. */
  readonly unanswered: number;
  readonly sum: bigint;
  /** Percentiles are middles of buckets; undefined where there was no response. */
  readonly responseTime: Distribution | undefined;
  readonly buckets: readonly Bucket[];
}

/** Of one side, in one interval. */
export interface DnsSideAggregates {
  readonly side: Side;
  /** All of it. */
  readonly all: DnsAggregateFigures;
  /** What is told apart, the worst first: by their p99. */
  readonly parts: readonly DnsAggregateFigures[];
}

export class DnsAggregates {
  readonly #aggregation: Aggregation;
  readonly #names: AggregateNames;
  readonly #told: ToldSides;

  /** @param expected the side that is told as long as there is nothing of any */
  constructor(aggregation: Aggregation, expected: Side, names: AggregateNames = {}) {
    this.#aggregation = aggregation;
    this.#names = names;
    this.#told = new ToldSides(expected);
  }

  /** Of an interval. @returns of each side that a resolver ever was on */
  take(aggregates: readonly DnsAggregate[]): DnsSideAggregates[] {
    const sides = new BySide<DnsAggregate[]>(false, () => []);
    for (const each of aggregates) sides.of(each.side, undefined).push(each);
    for (const { side } of sides.all()) this.#told.add({ side });
    return this.#told
      .all()
      .map(({ side }) => this.#sideFigures(side, sides.get(side, undefined) ?? []));
  }

  #sideFigures(side: Side, aggregates: readonly DnsAggregate[]): DnsSideAggregates {
    const parts = aggregates.map((each) => this.#partFigures(each));
    return { side, all: together(side, aggregates), parts: worstFirst(parts, p99Of) };
  }

  #partFigures(aggregate: DnsAggregate): DnsAggregateFigures {
    const { side, reported, unanswered, ambiguous, truncated, rcodes, sum, buckets } = aggregate;
    const counts = { responses: reported, unanswered, ambiguous, truncated, rcodes };
    const responseTime = figuresOf(aggregate);
    const who = whoIs(aggregate, this.#aggregation, this.#names);
    return { side, ...who, ...counts, sum, responseTime, buckets };
  }
}

function p99Of({ responseTime }: DnsAggregateFigures): number {
  return responseTime?.p99 ?? 0;
}

function together(side: Side, aggregates: readonly DnsAggregate[]): DnsAggregateFigures {
  const counted = sumOfBuckets(aggregates);
  const total = (field: 'reported' | 'unanswered' | 'ambiguous' | 'truncated') =>
    aggregates.reduce((sum, aggregate) => sum + aggregate[field], 0);
  return {
    side,
    isOthers: false,
    responses: total('reported'),
    unanswered: total('unanswered'),
    ambiguous: total('ambiguous'),
    truncated: total('truncated'),
    rcodes: rcodesOf(aggregates),
    sum: aggregates.reduce((sum, aggregate) => sum + aggregate.sum, 0n),
    responseTime: figuresOf(counted),
    buckets: counted.buckets,
  };
}

function rcodesOf(aggregates: readonly DnsAggregate[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const [rcode, number] of aggregates.flatMap(({ rcodes }) => [...rcodes])) {
    all.set(rcode, (all.get(rcode) ?? 0) + number);
  }
  return all;
}
