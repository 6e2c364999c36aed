/** The real programs in the kernel, fed packet by packet under a clock of the test's own. */
import { join } from 'node:path';
import { writeAggregation } from '../../src/core/aggregation.js';
import { COUNTED, type Counters } from '../../src/core/counters.js';
import { LITTLE } from '../../src/core/endianness.js';
import { type FixedSettings, writeFixedSettings } from '../../src/core/fixed-settings.js';
import { COUNTERS, SIZE } from '../../src/core/layouts.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import { WATCHING, type WatchedLink } from '../../src/core/programs.js';
import { writeSettings } from '../../src/core/settings.js';
import type { SweepResult } from '../../src/core/sweep.js';
import { type Aggregate, type DnsAggregate, isOfDns } from '../../src/events/aggregate.js';
import { decode } from '../../src/events/decode.js';
import type { Surroundings } from '../../src/events/places.js';
import type { DnsEvent, FlowEvent, KernelEvent, RttEvent } from '../../src/events/types.js';
import { check } from '../../src/libbpf/errors.js';
import { libbpf } from '../../src/libbpf/ffi.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { runProgram } from '../../src/libbpf/run-program.js';
import {
  AGGREGATION_MAP,
  AggregateMaps,
  beginAggregates,
  sizeAggregates,
} from '../../src/maps/aggregates.js';
import { sweep } from '../../src/maps/cleaner.js';
import { readCounters } from '../../src/maps/counters.js';
import { EventRings } from '../../src/maps/event-rings.js';
import { sizeFlowTable } from '../../src/maps/flow-table.js';
import { CARRIED_MAP, carriedEntries } from '../../src/maps/interfaces.js';
import { PLACES_MAP, PlacesMap } from '../../src/maps/places.js';
import type { RecordReader } from '../../src/maps/ring.js';
import { FIXED_MAP, SETTINGS_MAP, SettingsMap } from '../../src/maps/settings.js';
import type { Aggregation } from '../../src/sampling/aggregation.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';
import { repositoryRoot } from '../places.js';
import { CLIENT, SERVER } from './ends.js';
import { type Encapsulation, type End, type Segment, tcpFrame } from './packets.js';

export const OBJECT_PATH = join(repositoryRoot, 'dist/bpf/tc_pping.o');
export const SOCKET_OWNERS_PATH = join(repositoryRoot, 'dist/bpf/socket_owners.o');
/** These are loaded only where there are several interfaces: they take as long as the others. */
const IP_PROGRAMS = new Set(Object.values(WATCHING.ip));

/** TC_ACT_UNSPEC: pass on as if we were not there. */
export const PASS_ON = -1;

/** struct __sk_buff (linux/bpf.h) */
const SKB_BYTES = 192;
const SKB_IFINDEX = 40;
const SKB_TSTAMP = 152;
const SKB_GSO_SEGS = 164;
const SKB_GSO_SIZE = 176;

export const MICROSECOND = 1_000n;
export const MILLISECOND = 1_000_000n;
export const SECOND = 1_000_000_000n;
export const MINUTE = 60n * SECOND;

export { CLIENT, SERVER } from './ends.js';

/** Where a test's clock begins: any time that is not 0. */
export const START = 1_000n * SECOND;

/** The key of a map that has one entry. */
const FIRST = Buffer.alloc(4);

export type HookName = 'egress' | 'ingress';

/** What is watched; tunnels are left alone unless it says otherwise. */
export type Watched =
  | LinkLayer
  | Pick<
      FixedSettings,
      'linkLayer' | 'tunnels' | 'protocols' | 'udpPorts' | 'dnsNames' | 'areSeveral' | 'areNumbered'
    >;

export class Kernel {
  protected readonly object: BpfObject;
  readonly #rings: EventRings;
  readonly #map: SettingsMap;
  readonly #aggregates: AggregateMaps;
  #settings: Settings;
  /** Of the counters, of each CPU. */
  readonly #values = Buffer.alloc(libbpf().libbpf_num_possible_cpus() * COUNTED.length * 8);
  #now = START;
  #interface: { readonly index: number; readonly link: WatchedLink } = {
    index: 0,
    link: 'ethernet',
  };

  /**
   * @param sizes max_entries of maps, by name
   * @param path of the object, which has at least the real programs
   * @param prepare what else is to be done before it is loaded
   */
  constructor(
    settings: Partial<Settings> = {},
    watched: Watched = 'ethernet',
    sizes: Record<string, number> = {},
    path: string = OBJECT_PATH,
    prepare: (object: BpfObject) => void = () => {},
  ) {
    this.object = new BpfObject(path);
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    const fixed = typeof watched === 'string' ? { linkLayer: watched } : watched;
    writeFixedSettings(this.object.map(FIXED_MAP), {
      ...fixed,
      tickNs: 1n,
      clockFromPacket: true,
      maxFlows: sizes.flows ?? DEFAULT_CAPACITY.flows,
    });
    prepare(this.object);
    if (fixed.areSeveral) this.object.map(CARRIED_MAP).maxEntries = carriedEntries();
    if (sizes.flows !== undefined) this.object.map('losses').maxEntries = sizes.flows;
    sizeFlowTable(this.object, sizes.flows ?? DEFAULT_CAPACITY.flows);
    for (const [map, size] of Object.entries(sizes)) this.object.map(map).maxEntries = size;
    const { programs } = this.object;
    this.object.load(
      fixed.areSeveral ? programs : programs.filter((name) => !IP_PROGRAMS.has(name)),
    );
    this.#map = new SettingsMap(this.object.map(SETTINGS_MAP).fd);
    writeSettings(this.#map, this.#settings);
    beginAggregates(this.object);
    this.#aggregates = new AggregateMaps(this.object);
    this.#rings = new EventRings(this.object, this.#map);
  }

  get now(): bigint {
    return this.#now;
  }

  /** Sets the clock to so many nanoseconds after START. */
  at(sinceStart: bigint): this {
    this.#now = START + sinceStart;
    return this;
  }

  /** What follows is shown at an interface of the network namespace that this thread is in; first it is loopback. */
  on(index: number, link: WatchedLink = 'ethernet'): this {
    this.#interface = { index, link };
    return this;
  }

  /** Changes settings while the programs run. */
  set(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
    writeSettings(this.#map, this.#settings);
  }

  /** Whether packets that leave are held until the time that they carry. */
  holdDepartures(held: boolean): this {
    this.#map.departuresHeld = held;
    return this;
  }

  /** Shows a frame to one hook. @returns the verdict, and the packet as the program left it */
  show(
    hook: HookName,
    data: Buffer,
    gsoSegments = 0,
    gsoSize = 0,
  ): { verdict: number; data: Buffer } {
    const { index, link } = this.#interface;
    const context = Buffer.alloc(SKB_BYTES);
    context.writeUInt32LE(index, SKB_IFINDEX);
    context.writeBigUInt64LE(this.#now, SKB_TSTAMP);
    context.writeUInt32LE(gsoSegments, SKB_GSO_SEGS);
    context.writeUInt32LE(gsoSize, SKB_GSO_SIZE);
    return runProgram(this.object.program(WATCHING[link][hook]), { data, context });
  }

  egress(from: End, to: End, segment: Segment, around: Encapsulation = {}): void {
    this.show('egress', tcpFrame(from, to, segment, around));
  }

  ingress(from: End, to: End, segment: Segment, around: Encapsulation = {}): void {
    this.show('ingress', tcpFrame(from, to, segment, around));
  }

  /** All events since the last call. */
  events(): KernelEvent[] {
    const events: KernelEvent[] = [];
    this.drain((bytes, offset, length) => {
      events.push(decode(bytes, offset, length));
    });
    return events;
  }

  /** The same, record by record, each to be read before `read` returns. */
  drain(read: RecordReader): void {
    this.#rings.drain(read);
  }

  /** Of all events since the last call, the samples. */
  rtts(): RttEvent[] {
    return this.events().filter((event) => event.type === 'rtt');
  }

  /** Of all events since the last call, those of DNS. */
  dns(): DnsEvent[] {
    return this.events().filter((event) => event.type === 'dns');
  }

  /** Of all events since the last call, what flows did. */
  flowEvents(): FlowEvent[] {
    return this.events().filter((event) => event.type === 'flow');
  }

  /** What has been counted since the last call, where aggregateIn() has asked for it. */
  async aggregates(): Promise<Aggregate[]> {
    return (await this.counted()).filter((each) => !isOfDns(each));
  }

  /** The same, and what was counted of queries of DNS. */
  async counted(): Promise<(Aggregate | DnsAggregate)[]> {
    await this.#aggregates.countTraffic();
    return this.#aggregates.take();
  }

  counters(): Counters {
    return readCounters(this.object.map('counters'));
  }

  /**
   * Puts the counters, below 2^32, into `to` in the order of COUNTERS: for tests that ask after each
   * of many packets.
   */
  count(to: Uint32Array): void {
    const values = this.#values;
    const { fd } = this.object.map('counters');
    check('read the counters', libbpf().bpf_map_lookup_elem(fd, FIRST, values));
    to.fill(0);
    for (let at = 0; at < values.length; at += 8) {
      const index = (at / 8) % COUNTED.length;
      if (index < COUNTERS.length) to[index] = (to[index] ?? 0) + values.readUInt32LE(at);
    }
  }

  /** Whether there is an entry of the loss map for the flow with this cookie. */
  hasLosses(flowId: number): boolean {
    const key = Buffer.alloc(8);
    new DataView(key.buffer, key.byteOffset).setBigUint64(0, BigInt(flowId), LITTLE);
    const value = Buffer.alloc(SIZE.flowLosses);
    return libbpf().bpf_map_lookup_elem(this.object.map('losses').fd, key, value) === 0;
  }

  /** The VLANs that packets seen at a place were in. */
  surroundingsOf(place: number): Surroundings | undefined {
    const places = new PlacesMap(this.object.map(PLACES_MAP).fd);
    const vlans = places.surroundingsOf(place);
    places.close();
    return vlans;
  }

  /** @param flush also reports what is held back */
  sweep(flush = false): Promise<SweepResult> {
    return sweep(this.object.program('pping_sweep'), { now: this.#now, flush });
  }

  close(): void {
    this.#rings.close();
    this.#map.close();
    this.object.close();
  }
}

/** Before the object is loaded: has RTTs counted. */
export function aggregateIn(object: BpfObject, aggregation: Aggregation): void {
  writeAggregation(object.map(AGGREGATION_MAP), aggregation);
  const flows = object.map('flows').maxEntries;
  sizeAggregates(object, { most: aggregation.most, flows });
}

/** The RTTs in nanoseconds, in order. */
export function nanoseconds(events: RttEvent[]): bigint[] {
  return events.map((event) => BigInt(event.rtt));
}

/**
 * A request and its answer: the client's data leaves at `sent`, the server's
 * ACK for it comes in at `answered`.
 */
export function exchange(
  kernel: Kernel,
  times: { sent: bigint; answered: bigint },
  request: Required<Pick<Segment, 'tsval' | 'seq'>>,
): void {
  kernel.at(times.sent).egress(CLIENT, SERVER, { ...request, tsecr: 1, payload: 100 });
  kernel.at(times.answered).ingress(SERVER, CLIENT, {
    tsval: 1,
    tsecr: request.tsval,
    ack: request.seq + 100,
  });
}

/** A flow met in mid-stream: both ends have been seen once, with TSval 1 each. */
export function meetInMidStream(kernel: Kernel): void {
  kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
  kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
}
