/**
 * Both targets of the core, shown the same packets at the same times: the programs in the kernel
 * and the replay's WebAssembly. What they say has to be the same to the last digit.
 */
import { expect } from '@jest/globals';
import {
  aggregateIn,
  type HookName,
  Kernel,
  OBJECT_PATH,
  type Watched,
} from '../../../lab/kernel/kernel.js';
import { COUNTED, type Counters } from '../../../src/core/counters.js';
import { writeFilter } from '../../../src/core/filter.js';
import type { SweepResult } from '../../../src/core/sweep.js';
import type { Aggregate, AggregateKey, DnsAggregate } from '../../../src/events/aggregate.js';
import type { Surroundings } from '../../../src/events/places.js';
import type { KernelEvent } from '../../../src/events/types.js';
import { FILTER_MAP } from '../../../src/maps/settings.js';
import {
  type Aggregation,
  isAggregated,
  NO_AGGREGATION,
} from '../../../src/sampling/aggregation.js';
import { type Filter, NO_FILTER } from '../../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS, type Settings } from '../../../src/sampling/policy.js';
import { Replica } from './replica.js';

export class Targets extends Kernel {
  readonly #replica: Replica;
  #replicaSettings: Settings;
  #isClosed = false;
  /** Compared, and not yet asked for. */
  #agreed: KernelEvent[] = [];

  constructor(
    settings: Partial<Settings> = {},
    watched: Watched = 'ethernet',
    sizes: Record<string, number> = {},
    filter: Filter = NO_FILTER,
    aggregation: Aggregation = NO_AGGREGATION,
  ) {
    super(settings, withProtocols(watched, filter), sizes, OBJECT_PATH, (object) => {
      writeFilter(object.map(FILTER_MAP), filter);
      if (isAggregated(aggregation)) aggregateIn(object, aggregation);
    });
    this.#replicaSettings = { ...DEFAULT_SETTINGS, ...settings };
    const { flows = DEFAULT_CAPACITY.flows, timestamps = DEFAULT_CAPACITY.timestamps } = sizes;
    this.#replica = new Replica(this.#replicaSettings, watched, { flows, timestamps });
    this.#replica.core.filter(filter);
    if (isAggregated(aggregation)) this.#replica.core.aggregate(aggregation);
  }

  override set(settings: Partial<Settings>): void {
    super.set(settings);
    this.#replicaSettings = { ...this.#replicaSettings, ...settings };
    this.#replica.core.set(this.#replicaSettings);
  }

  override show(hook: HookName, data: Buffer, gsoSegments = 0): { verdict: number; data: Buffer } {
    const shown = super.show(hook, data, gsoSegments);
    this.#replica.show(hook, data, this.now, { segments: gsoSegments });
    return shown;
  }

  override events(): KernelEvent[] {
    this.#agree();
    return this.#agreed.splice(0);
  }

  override async counted(): Promise<(Aggregate | DnsAggregate)[]> {
    const aggregates = await super.counted();
    const replicas = this.#replica.core.takeAggregates();
    expect(ordered(replicas)).toEqual(ordered(aggregates));
    return aggregates;
  }

  override counters(): Counters {
    const counters = super.counters();
    const replicas = this.#replica.counters();
    // Only then: it costs more than all that was to be compared.
    if (COUNTED.some((name) => replicas[name] !== counters[name])) {
      expect(replicas).toEqual(counters);
    }
    return counters;
  }

  override surroundingsOf(place: number): Surroundings | undefined {
    const vlans = super.surroundingsOf(place);
    expect(this.#replica.core.surroundingsOf(place)).toEqual(vlans);
    return vlans;
  }

  override async sweep(flush = false): Promise<SweepResult> {
    this.#agree();
    const swept = await super.sweep(flush);
    expect(await this.#replica.sweep(this.now, flush)).toEqual(swept);
    // The kernel walks its maps in an order of its own.
    this.#agree(sorted);
    return swept;
  }

  override close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#agree();
      this.counters();
    } finally {
      super.close();
    }
  }

  #agree(order: (events: KernelEvent[]) => KernelEvent[] = (events) => events): void {
    const events = super.events();
    expect(order(this.#replica.events())).toEqual(order(events));
    this.#agreed.push(...events);
  }
}

/** Where others than TCP are asked for the programs are told before they are loaded. */
function withProtocols(watched: Watched, filter: Filter): Watched {
  const fixed = typeof watched === 'string' ? { linkLayer: watched } : watched;
  const { protocols, udpPorts, dnsNames } = filter;
  return { ...fixed, protocols, udpPorts, dnsNames };
}

/** By flow; what one flow has to say stays in its order, but for what is overdue: that waits in a map, too. */
function sorted(events: KernelEvent[]): KernelEvent[] {
  return [...events].sort(
    (a, b) => a.flowId - b.flowId || waitOf(a) - waitOf(b) || portOf(a) - portOf(b),
  );
}

/** The kernel has them in an order of its own. */
function ordered<Each extends AggregateKey>(aggregates: readonly Each[]): Each[] {
  const keyOf = ({ side, protocol, network, place, isOthers }: Each) =>
    JSON.stringify([side, protocol, isOthers, network && [...network.address], place]);
  return [...aggregates].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function waitOf(event: KernelEvent): number {
  if (event.type === 'dns') return event.waited ?? 0;
  return event.type === 'overdue' ? event.waited : 0;
}

function portOf(event: KernelEvent): number {
  if (event.type === 'dns') return event.destPort * 0x10000 + event.queryId;
  return event.type === 'overdue' ? event.srcPort : 0;
}
