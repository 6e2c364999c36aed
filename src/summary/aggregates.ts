/**
 * RTTs that the core has counted, interval by interval: of each side of the interface and each protocol, and below it of its networks or
 * interfaces, the worst first.
 */
import type { Attribution, Owner } from '../attribution/owner.js';
import type {
  Aggregate,
  AggregateOwner,
  Bucket,
  KnownOwner,
  Network,
  Traffic,
} from '../events/aggregate.js';
import type { SeenAt, SeenAtOf } from '../events/places.js';
import type { Aggregation } from '../sampling/aggregation.js';
import { figuresOf, sumOfBuckets } from './buckets.js';
import { BySide, type SideKey, ToldSides } from './by-side.js';
import type { Distribution } from './distribution.js';
import type { Side } from './sides.js';

/** Of one interval. Durations in nanoseconds. */
export interface AggregateFigures extends SideKey {
  /** Undefined where it is of all networks, and of the others. */
  readonly network?: AggregatedNetwork | undefined;
  /** Undefined where it is of all owners, and of the others. */
  readonly owner?: AggregatedOwner | undefined;
  /** Where it was seen; undefined where it is of all interfaces, and where there is but one. */
  readonly seenAt?: SeenAt | undefined;
  /** Whether it is of those for which there was no room. */
  readonly isOthers: boolean;
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

export interface AggregatedOwner {
  /** Undefined where that is not known. */
  readonly attribution: Attribution | undefined;
}

/** What is known of it. */
export type OwnerOf = (owner: KnownOwner) => Owner;

/** What names there are for what is counted by itself. */
export interface AggregateNames {
  /** Where there may be several places. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Where owners are asked for. */
  readonly ownerOf?: OwnerOf | undefined;
}

export interface AggregatedNetwork extends Network {
  /** Its length: of IPv4 at most 32. */
  readonly bits: number;
}

/** Of one side, and protocol, in one interval. */
export interface SideAggregates extends SideKey {
  /** All of it. */
  readonly all: AggregateFigures;
  /** What is told apart, the worst first: by their p99. */
  readonly parts: readonly AggregateFigures[];
}

/** @param ownerOf undefined where names are not to be had */
export function ownedBy(owner: AggregateOwner, ownerOf?: OwnerOf): AggregatedOwner {
  if (owner === 'unknown') return { attribution: undefined };
  if (owner === 'absent') return { attribution: {} };
  return { attribution: { owner: ownerOf?.(owner) ?? { uid: owner.uid } } };
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
    return { ...key, all: together(key, aggregates), parts: worstFirst(parts) };
  }

  /** There may be 100,000 of them, which the event loop waits for. */
  #partFigures({ side, protocol }: SideKey, aggregate: Aggregate): AggregateFigures {
    const { isOthers, place, samples, reported, overdue, sum, buckets } = aggregate;
    const { sent, rec } = aggregate;
    const { by } = this.#aggregation;
    const network = this.#networkOf(aggregate);
    const owner = aggregate.owner && ownedBy(aggregate.owner, this.#names.ownerOf);
    const isOfPlace = !isOthers && (by === 'prefix' || by === 'interface');
    const seenAt = isOfPlace ? this.#names.seenAtOf?.(place) : undefined;
    const rtt = figuresOf(aggregate);
    const who = { side, protocol, network, owner, seenAt, isOthers };
    return { ...who, samples, reported, overdue, sent, rec, sum, rtt, buckets };
  }

  #networkOf({ network }: Aggregate): AggregatedNetwork | undefined {
    if (!network) return undefined;
    const { bitsV4, bitsV6 } = this.#aggregation;
    const { address, ipVersion } = network;
    return { address, ipVersion, bits: ipVersion === 4 ? bitsV4 : bitsV6 };
  }
}

/** Sorted as numbers: that takes a third of the time. */
function worstFirst(parts: readonly AggregateFigures[]): AggregateFigures[] {
  const worst = Float64Array.from(parts, ({ rtt }) => rtt?.p99 ?? 0);
  const order = Uint32Array.from(parts, (_, at) => at);
  order.sort((a, b) => (worst[b] as number) - (worst[a] as number) || a - b);
  return Array.from(order, (at) => parts[at] as AggregateFigures);
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
