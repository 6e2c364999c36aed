/** The core as WebAssembly (bpf/replay_pping.c): packets in, events out. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeAggregation } from '../core/aggregation.js';
import { type Counters, mapCounters } from '../core/counters.js';
import { LITTLE } from '../core/endianness.js';
import { writeFilter } from '../core/filter.js';
import {
  AGGREGATE_KEY,
  AGGREGATION,
  CAPTURE_INTERFACE,
  FILTER,
  INPUT_LIMIT,
  LIMIT,
  LINK_LAYER,
  PREFIX,
  PROTOCOL,
  REPLAY_CLOCK,
  REPLAY_STATE,
  type REPLAY_STOP,
  SETTINGS,
  SIZE,
  SWEEP,
} from '../core/layouts.js';
import { writePrefix } from '../core/prefix.js';
import { protocolBits } from '../core/protocol-bits.js';
import { writeSettings } from '../core/settings.js';
import { readSweep, type SweepOptions, type SweepResult, writeSweep } from '../core/sweep.js';
import { writeUdpPorts } from '../core/udp-ports.js';
import { type Aggregate, type DnsAggregate, readAggregate } from '../events/aggregate.js';
import { PLACES_BYTES, type Surroundings, surroundingsIn } from '../events/places.js';
import { Fault, messageOf } from '../faults.js';
import { installed } from '../installation/installed.js';
import type { Aggregation } from '../sampling/aggregation.js';
import { type Filter, NO_FILTER } from '../sampling/filter.js';
import type { Capacity, Settings } from '../sampling/policy.js';
import type { Prefix } from '../sampling/prefix.js';
import { Batch, PACKET_WORDS } from './batch.js';
import { type CaptureInterface, LINK_TYPES } from './interfaces.js';
import { mostTicks } from './times.js';

const MODULE = installed('dist/bpf/replay_pping.wasm');
const COUNTER_BYTES = 8;

/** What to add to the core's times to have nanoseconds since the epoch: to it 0 is "never". */
export const CORE_CLOCK_OFFSET = -BigInt(REPLAY_CLOCK.shiftNs);
/** Beyond all times and counts. */
export const NEVER = 2n ** 63n;

/** Gets each event, to be read before it returns. */
export type EventReader = (bytes: DataView, offset: number, length: number) => void;

/** Why a batch was left before its end: REPLAY_STOP. */
export type Stop = (typeof REPLAY_STOP)[keyof typeof REPLAY_STOP];

/** How far the packets have come; times on the core's clock. */
export interface Progress {
  /** 0n before the first packet. */
  readonly first: bigint;
  readonly latest: bigint;
  /** Of the packet that the last batch was left at. */
  readonly next: bigint;
  /** Left out: their time is none. */
  readonly timeless: number;
  /** Packets that were put where they belong. */
  readonly moved: number;
  /** Packets earlier than one before them even so, and by how much at most. */
  readonly backwards: number;
  readonly furthest: bigint;
}

/** What bpf/replay_pping.c exports. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  start(maxFlows: number, maxTimestamps: number, seed: bigint): void;
  process(at: number, count: number, until: bigint, enoughRtts: bigint): number;
  arrange(count: number, window: bigint): number;
  begin_sweep(): void;
  continue_sweep(): number;
  forget(): void;
  begin_aggregates(most: number): void;
  add_others(protocol: number): void;
  count_traffic_of_all(): void;
  take_aggregate(): number;
  take_events(): void;
  set_local_prefixes(count: number, isGuess: number): void;
  set_tunnels(isOn: number): void;
  set_protocols(asked: number): void;
  set_dns_names(areTold: number): void;
  set_responses_counted(areCounted: number): void;
  address_of_input(): number;
  address_of_packets(): number;
  address_of_interfaces(): number;
  address_of_link_layers(): number;
  address_of_udp_ports(): number;
  address_of_local_prefixes(): number;
  address_of_settings(): number;
  address_of_filter(): number;
  address_of_aggregation(): number;
  address_of_counters(): number;
  address_of_events(): number;
  address_of_places(): number;
  address_of_seen_at(): number;
  address_of_sweep(): number;
  address_of_state(): number;
}

export class ReplayCore {
  readonly #exports: CoreExports;
  readonly #state: number;
  readonly #events: number;
  #view: DataView;
  /** Of one interval. */
  #mostAggregates = 0;
  /** By interface of the capture; undefined where it has none. */
  readonly #interfaceNames: (string | undefined)[] = [];
  readonly #namesTold = new Set<string>();
  /** The packets that process() takes. */
  readonly batch: Batch;
  /** Where captured bytes belong. */
  readonly input: { readonly start: number; readonly size: number };

  /** @param seed of the hash tables; what is reported does not depend on it */
  constructor(
    settings: Settings,
    capacity: Capacity,
    exports: CoreExports = loadCore(),
    seed: bigint = randomBytes(8).readBigUInt64LE(),
  ) {
    this.#exports = exports;
    this.#exports.start(capacity.flows, capacity.timestamps, seed);
    this.#state = this.#exports.address_of_state();
    this.#events = this.#exports.address_of_events();
    this.#view = new DataView(this.#exports.memory.buffer);
    const packets = this.#exports.address_of_packets();
    this.batch = new Batch(
      () => new Uint32Array(this.view.buffer, packets, INPUT_LIMIT.packets * PACKET_WORDS),
    );
    this.input = { start: this.#exports.address_of_input(), size: INPUT_LIMIT.bytes };
    this.set(settings);
    this.filter(NO_FILTER);
    this.#tellLinkTypes();
  }

  /** The core's memory. It moves whenever the core has run. */
  get view(): DataView<ArrayBuffer> {
    const { buffer } = this.#exports.memory;
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view as DataView<ArrayBuffer>;
  }

  /** Some headers name the link type of what is in them. */
  #tellLinkTypes(): void {
    const at = this.#exports.address_of_link_layers();
    for (const [linkType, linkLayer] of LINK_TYPES) {
      this.view.setUint8(at + linkType, LINK_LAYER[linkLayer] + 1);
    }
  }

  /** Has what is in tunnels measured, or left alone as at first. */
  lookIntoTunnels(isOn: boolean): void {
    this.#exports.set_tunnels(isOn ? 1 : 0);
  }

  /** Changes the settings. */
  set(settings: Settings): void {
    const memory = () =>
      Buffer.from(this.view.buffer, this.#exports.address_of_settings(), SETTINGS.size);
    writeSettings({ memory }, settings);
  }

  /** Before the first packet. */
  filter(filter: Filter): void {
    const memory = () =>
      Buffer.from(this.view.buffer, this.#exports.address_of_filter(), FILTER.size);
    writeFilter({ memory }, filter);
    this.#exports.set_protocols(protocolBits(filter.protocols));
    this.#exports.set_dns_names(filter.dnsNames ? 1 : 0);
    writeUdpPorts(this.view, this.#exports.address_of_udp_ports(), filter.udpPorts);
  }

  /** Whether process() counts response times of DNS among the RTTs that are enough, as it does at first. */
  countResponses(areCounted: boolean): void {
    this.#exports.set_responses_counted(areCounted ? 1 : 0);
  }

  /** Before the first packet: what is counted of RTTs. */
  aggregate(aggregation: Aggregation): void {
    const memory = () =>
      Buffer.from(this.view.buffer, this.#exports.address_of_aggregation(), AGGREGATION.size);
    writeAggregation({ memory }, aggregation);
    this.#mostAggregates = aggregation.most;
    this.#beginAggregates();
  }

  /** What has been counted of RTTs since the last time, in the order in which it came. */
  takeAggregates(): (Aggregate | DnsAggregate)[] {
    const aggregates: (Aggregate | DnsAggregate)[] = [];
    this.#exports.count_traffic_of_all();
    for (let at = this.#exports.take_aggregate(); at !== 0; at = this.#exports.take_aggregate()) {
      const aggregate = readAggregate(this.view, at, this.view, at + AGGREGATE_KEY.size);
      if (aggregate) aggregates.push(aggregate);
    }
    this.#beginAggregates();
    return aggregates;
  }

  #beginAggregates(): void {
    this.#exports.begin_aggregates(this.#mostAggregates);
    for (const protocol of Object.values(PROTOCOL)) this.#exports.add_others(protocol);
  }

  /** @param prefixes on our side, at most LIMIT.prefixes: a whole address is this machine, less a network behind it */
  setLocal(prefixes: readonly Prefix[]): void {
    this.#setLocal(prefixes, false);
  }

  /** The same of what nobody has named: what the capture says goes before, and nothing is left out for it. */
  guessLocal(prefixes: readonly Prefix[]): void {
    this.#setLocal(prefixes, true);
  }

  #setLocal(prefixes: readonly Prefix[], isGuess: boolean): void {
    if (prefixes.length > LIMIT.prefixes) throw new RangeError('too many local prefixes');
    const table = this.#exports.address_of_local_prefixes();
    prefixes.forEach((prefix, index) => {
      writePrefix(this.view, table + index * PREFIX.size, prefix);
    });
    this.#exports.set_local_prefixes(prefixes.length, isGuess ? 1 : 0);
  }

  setInterface(index: number, { linkLayer, time, name, exactLengths }: CaptureInterface): void {
    this.#interfaceNames[index] = name;
    if (name !== undefined) this.#namesTold.add(name);
    const at = this.#exports.address_of_interfaces() + index * CAPTURE_INTERFACE.size;
    const { view } = this;
    view.setBigUint64(at + CAPTURE_INTERFACE.highWeight, time.highWeight, true);
    view.setBigUint64(at + CAPTURE_INTERFACE.mostTicks, mostTicks(time), true);
    view.setBigUint64(at + CAPTURE_INTERFACE.multiplier, time.multiplier, true);
    view.setBigUint64(at + CAPTURE_INTERFACE.divisor, time.divisor, true);
    view.setBigInt64(at + CAPTURE_INTERFACE.offset, time.offset, true);
    view.setUint32(at + CAPTURE_INTERFACE.binaryDigits, time.binaryDigits, true);
    view.setUint32(at + CAPTURE_INTERFACE.linkLayer, LINK_LAYER[linkLayer], true);
    view.setUint32(at + CAPTURE_INTERFACE.exactLengths, exactLengths ? 1 : 0, true);
  }

  /**
   * Puts the packets of the batch in order, as far as they are out of it by up to `window`.
   * @returns how many of them nothing can precede that is still to come
   */
  arrange(window: bigint): number {
    return this.#exports.arrange(this.batch.count, window);
  }

  /**
   * Processes the packets of the batch from `at` on, as far as they are before `until` and
   * until there have been `enoughRtts` since the start.
   * @returns the first one that was left; `stop` says why
   */
  process(at: number, until: bigint, enoughRtts: bigint): number {
    return this.#exports.process(at, this.batch.ready, until, enoughRtts);
  }

  get stop(): Stop {
    return this.view.getUint32(this.#state + REPLAY_STATE.stop, true) as Stop;
  }

  get progress(): Progress {
    const read = (offset: number) => this.view.getBigUint64(this.#state + offset, true);
    return {
      first: read(REPLAY_STATE.first),
      latest: read(REPLAY_STATE.latest),
      next: read(REPLAY_STATE.next),
      timeless: Number(read(REPLAY_STATE.timeless)),
      moved: Number(read(REPLAY_STATE.moved)),
      backwards: Number(read(REPLAY_STATE.backwards)),
      furthest: read(REPLAY_STATE.furthest),
    };
  }

  /** Hands over all events that there are. */
  drain(read: EventReader): void {
    const { view } = this;
    const end = this.#events + view.getUint32(this.#state + REPLAY_STATE.events, true);
    for (let at = this.#events; at < end; ) {
      const length = view.getUint32(at, true);
      read(view, at + SIZE.recordHeader, length);
      at += SIZE.recordHeader + length;
    }
    this.#exports.take_events();
  }

  /**
   * Forgets what is stale.
   * @param makeRoom has to drain the events each time
   */
  async sweep(
    options: Required<SweepOptions>,
    makeRoom: () => void | Promise<void>,
  ): Promise<SweepResult> {
    const sweep = () =>
      new DataView(this.view.buffer, this.#exports.address_of_sweep(), SWEEP.size);
    writeSweep(sweep(), options);
    this.#exports.begin_sweep();
    for (let isUnfinished = true; isUnfinished; ) {
      isUnfinished = this.#exports.continue_sweep() !== 0;
      await makeRoom();
    }
    return readSweep(sweep());
  }

  /** The VLANs that packets seen at a place were in. */
  surroundingsOf(place: number): Surroundings | undefined {
    const table = new DataView(this.view.buffer, this.#exports.address_of_places(), PLACES_BYTES);
    return surroundingsIn(table, place);
  }

  /** The interface that a packet was last seen at there: a place is of one, but where places have run out. */
  interfaceOf(place: number): number {
    return this.view.getUint16(this.#exports.address_of_seen_at() + 2 * place, true);
  }

  /** What the capture calls the interface that a packet was last seen at there. */
  interfaceNameOf(place: number): string | undefined {
    return this.#interfaceNames[this.interfaceOf(place)];
  }

  /** Whether the capture has named more than one, until now. */
  get hasSeveralInterfaces(): boolean {
    return this.#namesTold.size > 1;
  }

  /** Forgets all connections. */
  forget(): void {
    this.#exports.forget();
  }

  counters(): Counters {
    const at = this.#exports.address_of_counters();
    return mapCounters((_, index) =>
      Number(this.view.getBigUint64(at + index * COUNTER_BYTES, true)),
    );
  }
}

/** A core of its own each time. Throws a Fault where it cannot be loaded. */
export function loadCore(path: string = MODULE): CoreExports {
  if (!LITTLE) throw new Fault('a replay needs a little-endian machine');
  try {
    const module = new WebAssembly.Module(readFileSync(path));
    return new WebAssembly.Instance(module).exports as CoreExports;
  } catch (error) {
    // V8 reserves gigabytes of addresses for a module's memory.
    const fix =
      error instanceof RangeError ? 'raise the limit of ulimit -v' : 'build it with: make build';
    throw new Fault(`cannot load ${path}: ${messageOf(error)}; ${fix}`);
  }
}
