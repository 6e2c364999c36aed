/** Bytes -> what the core has counted of RTTs, or of queries of DNS, that have something in common. A copy, to be kept. */
import { LITTLE } from '../core/endianness.js';
import {
  ADDRESS,
  AGGREGATE,
  AGGREGATE_KEY,
  AGGREGATE_OWNER,
  AGGREGATE_SHAPE,
  AGGREGATE_SIDE,
  TRAFFIC,
} from '../core/layouts.js';
import { type DnsCounts, readDnsCounts } from './dns-counts.js';
import { PROTOCOLS } from './header-view.js';
import type { Protocol } from './names.js';

/** What tells aggregates apart. */
export interface AggregateKey {
  readonly side: 'beyond' | 'behind' | 'unknown';
  readonly protocol: Protocol;
  /** The responders' network; undefined where it is not asked for, and of the others. */
  readonly network: Network | undefined;
  /** Whose connections they are; undefined where it is not asked for, and of the others. */
  readonly owner: AggregateOwner | undefined;
  /** One of those that are at the interface, where that is asked for; means nothing of the others. */
  readonly place: number;
  /** Whether these are all those of their side and protocol that have found no room. */
  readonly isOthers: boolean;
}

/** Of one interval: RTTs, or response times. Durations in nanoseconds. */
export interface CountedTimes {
  /** Each in one bucket. */
  readonly reported: number;
  readonly sum: bigint;
  /** 0 of none. */
  readonly least: number;
  readonly most: number;
  /** Those with something in them, ascending. */
  readonly buckets: readonly Bucket[];
}

/** RTTs. */
export interface Aggregate extends AggregateKey, CountedTimes {
  readonly protocol: Exclude<Protocol, 'DNS'>;
  /** That the RTTs stand for. */
  readonly samples: number;
  /** Data that was not answered, in none of the above. */
  readonly overdue: number;
  /** What their connections have carried towards the responders. */
  readonly sent: Traffic;
  /** And from them. */
  readonly rec: Traffic;
}

/** Response times of DNS, which are no RTTs; the responders are resolvers. */
export interface DnsAggregate extends AggregateKey, CountedTimes, DnsCounts {
  readonly protocol: 'DNS';
  /** Queries that nothing has answered, in none of the above. */
  readonly unanswered: number;
}

export function isOfDns(aggregate: Aggregate | DnsAggregate): aggregate is DnsAggregate {
  return aggregate.protocol === 'DNS';
}

export interface Network {
  /** 16 bytes, as of an event; 0 beyond its length. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
}

/** 'absent' has no socket on this machine. */
export type AggregateOwner = 'absent' | 'unknown' | KnownOwner;

export interface KnownOwner {
  /** The id of its cgroup2 directory. */
  readonly cgroup: bigint;
  readonly uid: number;
}

/** One way, in the interval; of a connection whose first RTT came in it, from its beginning. */
export interface Traffic {
  readonly packets: number;
  /** Payload. */
  readonly bytes: number;
  readonly retransmittedPackets: number;
  readonly retransmittedBytes: number;
}

/** RTTs of at least `from` ns and less than the next bucket's. */
export type Bucket = readonly [from: number, count: number];

const SIDES = new Map<number, Aggregate['side']>([
  [AGGREGATE_SIDE.beyond, 'beyond'],
  [AGGREGATE_SIDE.behind, 'behind'],
  [AGGREGATE_SIDE.unknown, 'unknown'],
]);
const { parts, firstBits, lastBits, buckets: BUCKETS } = AGGREGATE_SHAPE;
const BUCKET_BYTES = 4;

/** Where a bucket begins: the first one at 0, the last one has no end. */
function startOf(bucket: number): number {
  if (bucket === 0) return 0;
  if (bucket === BUCKETS - 1) return 2 ** lastBits;
  const octave = Math.floor((bucket - 1) / parts);
  return (2 ** (firstBits + octave) / parts) * (parts + ((bucket - 1) % parts));
}

const STARTS = Float64Array.from({ length: BUCKETS }, (_, bucket) => startOf(bucket));

/** The middle of the bucket that begins there; of the one without an end its beginning. */
export function middleOf(from: number): number {
  if (from === 0) return 2 ** firstBits / 2;
  if (from >= 2 ** lastBits) return from;
  return from + 2 ** Math.floor(Math.log2(from)) / parts / 2;
}

/**
 * Reads struct aggregate_key at `keyAt` of `keys`, and struct aggregate at `valueAt` of `values`.
 * @returns undefined where nothing has been counted
 */
export function readAggregate(
  keys: DataView,
  keyAt: number,
  values: DataView,
  valueAt: number,
): Aggregate | DnsAggregate | undefined {
  const number = (field: number) => Number(values.getBigUint64(valueAt + field, LITTLE));
  const [reported, overdue] = [number(AGGREGATE.reported), number(AGGREGATE.overdue)];
  const { protocol, ...key } = readKey(keys, keyAt);
  const place = values.getUint32(valueAt + AGGREGATE.place, LITTLE);
  if (protocol === 'DNS') {
    const counts = readDnsCounts(values, valueAt + AGGREGATE.dns, reported);
    if (reported + overdue + counts.ambiguous === 0) return undefined;
    const times = readTimes(values, valueAt, reported);
    return { ...key, protocol, place, ...times, unanswered: overdue, ...counts };
  }
  const sent = readTraffic(values, valueAt + AGGREGATE.sent);
  const rec = readTraffic(values, valueAt + AGGREGATE.rec);
  if (reported + overdue + sent.packets + rec.packets === 0) return undefined;
  const samples = number(AGGREGATE.samples);
  return {
    ...{ ...key, protocol, place, ...readTimes(values, valueAt, reported) },
    ...{ samples, overdue, sent, rec },
  };
}

function readTimes(view: DataView, at: number, reported: number): CountedTimes {
  const wide = (field: number) => view.getBigUint64(at + field, LITTLE);
  const [least, most] = [Number(wide(AGGREGATE.least)), Number(wide(AGGREGATE.most))];
  const buckets = readBuckets(view, at + AGGREGATE.buckets, reported, least);
  return { reported, sum: wide(AGGREGATE.sum), least, most, buckets };
}

function readKey(view: DataView, at: number): Omit<AggregateKey, 'place'> {
  const code = view.getUint8(at + AGGREGATE_KEY.side);
  const side = SIDES.get(code);
  if (side === undefined) throw new RangeError(`an aggregate of side ${code}`);
  const number = view.getUint8(at + AGGREGATE_KEY.protocol);
  const protocol = PROTOCOLS[number];
  if (protocol === undefined) throw new RangeError(`an aggregate of protocol ${number}`);
  const isOthers = view.getUint8(at + AGGREGATE_KEY.owner) === AGGREGATE_OWNER.others;
  return { side, protocol, isOthers, network: readNetwork(view, at), owner: readOwner(view, at) };
}

function readOwner(view: DataView, at: number): AggregateOwner | undefined {
  switch (view.getUint8(at + AGGREGATE_KEY.owner)) {
    case AGGREGATE_OWNER.known: {
      const half = (index: number) =>
        view.getBigUint64(at + AGGREGATE_KEY.prefix + 8 * index, LITTLE);
      return { cgroup: half(0), uid: Number(half(1)) };
    }
    case AGGREGATE_OWNER.absent:
      return 'absent';
    case AGGREGATE_OWNER.unknown:
      return 'unknown';
    default:
      return undefined;
  }
}

function readTraffic(view: DataView, at: number): Traffic {
  const wide = (field: number) => Number(view.getBigUint64(at + field, LITTLE));
  return {
    packets: wide(TRAFFIC.packets),
    bytes: wide(TRAFFIC.bytes),
    retransmittedPackets: wide(TRAFFIC.retransmittedPackets),
    retransmittedBytes: wide(TRAFFIC.retransmittedBytes),
  };
}

function readNetwork(view: DataView, at: number): Network | undefined {
  const version = view.getUint8(at + AGGREGATE_KEY.ipVersion);
  if (version !== 4 && version !== 6) return undefined;
  const start = view.byteOffset + at + AGGREGATE_KEY.prefix;
  const address = new Uint8Array(view.buffer, start, ADDRESS.size).slice();
  return { address, ipVersion: version };
}

/** From the bucket of the least on, until all have been found: most have nothing in them. */
function readBuckets(view: DataView, at: number, all: number, least: number): Bucket[] {
  const buckets: Bucket[] = [];
  let missing = all;
  for (let bucket = bucketOf(least); bucket < BUCKETS && missing > 0; bucket++) {
    const count = view.getUint32(at + bucket * BUCKET_BYTES, LITTLE);
    if (count === 0) continue;
    buckets.push([STARTS[bucket] as number, count]);
    missing -= count;
  }
  // So many CPUs at once that the least was not lowered.
  return missing > 0 && least > 0 ? readBuckets(view, at, all, 0) : buckets;
}

/** As bucket_of() in bpf/core/aggregates.h. */
function bucketOf(rtt: number): number {
  if (rtt < 2 ** firstBits) return 0;
  if (rtt >= 2 ** lastBits) return BUCKETS - 1;
  const octave = Math.floor(Math.log2(rtt)) - firstBits;
  return 1 + octave * parts + Math.floor(rtt / (2 ** (firstBits + octave) / parts)) - parts;
}
