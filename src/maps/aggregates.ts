/** What the programs count of RTTs, interval by interval: in one of two halves, while the other is read. */
import { LITTLE } from '../core/endianness.js';
import {
  AGGREGATE,
  AGGREGATE_KEY,
  AGGREGATE_OWNER,
  AGGREGATE_SIDE,
  PROTOCOL,
} from '../core/layouts.js';
import { COUNT_TRAFFIC } from '../core/programs.js';
import { type Aggregate, type DnsAggregate, readAggregate } from '../events/aggregate.js';
import { type Elements, putElements, takeElements } from '../libbpf/elements.js';
import { check } from '../libbpf/errors.js';
import { callAsync, libbpf } from '../libbpf/ffi.js';
import { BPF_F_NO_PREALLOC, type BpfObject, type LoadedObject } from '../libbpf/object.js';
import { runProgramAsync } from '../libbpf/run-program.js';

export const AGGREGATION_MAP = '.rodata.aggregation';
/** A map of maps, which has the half that is counted in. */
const IN_USE = 'aggregates';
const HALVES = ['aggregates_even', 'aggregates_odd'] as const;
/** What was counted of the traffic of each flow. */
const COUNTED = 'counted';
export const AGGREGATE_MAPS = [IN_USE, ...HALVES, COUNTED] as const;

/** Taken at once: not a megabyte. */
const PORTION = 256;
const BPF_ANY = 0;
/** As struct aggregate_key has them. */
const PROTOCOLS = Object.values(PROTOCOL);
/** There always is one for those that find no room, of each side and protocol. */
const OTHERS = AGGREGATE_SIDE.sides * PROTOCOLS.length;
const FIRST = Buffer.alloc(4);

export interface AggregateSizes {
  /** Aggregates of one interval, besides those that find no room. */
  readonly most: number;
  /** Whose traffic is counted. */
  readonly flows: number;
}

/** Before the programs are loaded. @param sizes undefined where nothing is counted */
export function sizeAggregates(object: BpfObject, sizes: AggregateSizes | undefined): void {
  const { most, flows } = sizes ?? { most: 0, flows: 1 };
  for (const name of HALVES) object.map(name).maxEntries = most + OTHERS;
  object.map(COUNTED).maxEntries = flows;
}

/** Likewise: where maps have to take all of their memory when they are loaded. */
export function preallocateAggregates(object: BpfObject): void {
  const maps = [...HALVES, COUNTED].map((name) => object.map(name));
  for (const map of [object.innerMap(IN_USE), ...maps]) map.flags &= ~BPF_F_NO_PREALLOC;
}

/**
 * Once they are loaded, where something is counted. Not in the object file, for all: for what is put into a map of maps the
 * kernel waits until no program can see what was there before, though there was nothing.
 */
export function beginAggregates(object: BpfObject): void {
  const [even] = HALVES;
  const { fd } = object.map(IN_USE);
  const value = halfValue(object.map(even).fd);
  check('start aggregating', libbpf().bpf_map_update_elem(fd, FIRST, value, BPF_ANY));
}

/** Its descriptor. */
export type AggregateHalf = number;

export class AggregateMaps {
  readonly #object: LoadedObject;
  readonly #inUse: number;
  /** The one that is counted in, and the one that is not. */
  #halves: readonly [used: number, spare: number];

  /** Before the programs are attached. */
  constructor(object: LoadedObject) {
    this.#object = object;
    const [even, odd] = HALVES.map((name) => object.map(name).fd) as [number, number];
    this.#inUse = object.map(IN_USE).fd;
    this.#halves = [even, odd];
    for (const half of this.#halves) prepare(half);
  }

  /** Adds what flows have carried since the last time, on another thread. Not while a sweep runs. */
  async countTraffic(): Promise<void> {
    await runProgramAsync(this.#object.program(COUNT_TRAFFIC), {});
  }

  /** What has been counted since the last time, each RTT once. Not twice at a time, and not while a sweep runs. */
  async take(): Promise<(Aggregate | DnsAggregate)[]> {
    return this.read(await this.endInterval());
  }

  /**
   * From now on it is counted in the other half. Not while a sweep runs, which the kernel would not wait for.
   * @returns the half that is to be read now
   */
  async endInterval(): Promise<AggregateHalf> {
    const [used, spare] = this.#halves;
    await this.#use(spare);
    this.#halves = [spare, used];
    return used;
  }

  /** What is in a half that has ended, which is empty then. Before the next one ends. */
  async read(half: AggregateHalf): Promise<(Aggregate | DnsAggregate)[]> {
    const aggregates: (Aggregate | DnsAggregate)[] = [];
    const portions = takeElements(half, AGGREGATE_KEY.size, AGGREGATE.size, PORTION);
    for await (const portion of portions) aggregates.push(...aggregatesIn(portion));
    prepare(half);
    return aggregates;
  }

  /** Until no program can be in the other one any more: the kernel waits for that. */
  async #use(half: number): Promise<void> {
    const update = libbpf().bpf_map_update_elem;
    const status = await callAsync(update, this.#inUse, FIRST, halfValue(half), BPF_ANY);
    check('start an interval', status);
  }
}

function halfValue(half: AggregateHalf): Buffer {
  const value = Buffer.alloc(4);
  viewOf(value).setInt32(0, half, LITTLE);
  return value;
}

function prepare(half: number): void {
  const keys = Buffer.alloc(OTHERS * AGGREGATE_KEY.size);
  for (let number = 0; number < OTHERS; number++) {
    const at = number * AGGREGATE_KEY.size;
    keys[at + AGGREGATE_KEY.side] = number % AGGREGATE_SIDE.sides;
    keys[at + AGGREGATE_KEY.protocol] = PROTOCOLS[
      Math.floor(number / AGGREGATE_SIDE.sides)
    ] as number;
    keys[at + AGGREGATE_KEY.owner] = AGGREGATE_OWNER.others;
  }
  putElements(half, keys, Buffer.alloc(OTHERS * AGGREGATE.size), OTHERS);
}

function aggregatesIn({ keys, values, count }: Elements): (Aggregate | DnsAggregate)[] {
  const [keysView, valuesView] = [viewOf(keys), viewOf(values)];
  const all = Array.from({ length: count }, (_, at) =>
    readAggregate(keysView, at * AGGREGATE_KEY.size, valuesView, at * AGGREGATE.size),
  );
  return all.filter((aggregate) => aggregate !== undefined);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
