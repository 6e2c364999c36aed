// The programs, loaded here and attached to nothing: shown packets as if of some interfaces in turns.
import { writeSettings } from '../src/core/settings.js';
import { programInfo } from '../src/libbpf/info.js';
import type { LoadedObject } from '../src/libbpf/object.js';
import { runProgram } from '../src/libbpf/run-program.js';
import { loadPrograms, programsIn } from '../src/live/programs.js';
import { EventRings } from '../src/maps/event-rings.js';
import { InterfaceMaps } from '../src/maps/interfaces.js';
import { SETTINGS_MAP, SettingsMap } from '../src/maps/settings.js';
import { type Filter, NO_FILTER } from '../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../src/sampling/policy.js';
import type { ShowOf } from './exchanges.js';
import type { HookName } from './programs.js';
import { median } from './statistics.js';

const HOOKS = ['egress', 'ingress'] as const;
/** struct __sk_buff (linux/bpf.h) */
const SKB = { size: 192, ifindex: 40 } as const;

export class Shown {
  readonly showOf: ShowOf;
  readonly #rings: EventRings;
  readonly #fds: Record<HookName, number>;
  readonly #costs: Record<HookName, number[]> = { egress: [], ingress: [] };
  #before = { egress: { runs: 0, runTimeNs: 0 }, ingress: { runs: 0, runTimeNs: 0 } };

  /** @param rate in ns, at which each flow is sampled */
  static async load(
    rate: bigint,
    indices: readonly number[],
    areSeveral: boolean,
    filter = NO_FILTER,
  ): Promise<Shown> {
    return new Shown(await loaded(rate, areSeveral, filter), indices, areSeveral);
  }

  private constructor(object: LoadedObject, indices: readonly number[], areSeveral: boolean) {
    const programs = programsIn(object, ['ethernet']).get('ethernet');
    if (!programs) throw new Error('no programs');
    this.#fds = programs;
    this.#rings = new EventRings(object, new SettingsMap(object.map(SETTINGS_MAP).fd));
    if (areSeveral) {
      const maps = new InterfaceMaps(object);
      for (const index of indices) maps.add(index);
    }
    const contexts = indices.map((index) => {
      const context = Buffer.alloc(SKB.size);
      context.writeUInt32LE(index, SKB.ifindex);
      return context;
    });
    this.showOf = (flow) => (hook, data) => {
      const context = contexts[flow % contexts.length] as Buffer;
      runProgram(programs[hook], { data, context: Buffer.from(context) });
    };
  }

  /** Events are dropped: a full ring buffer would cost more than all that is measured. */
  begin(): void {
    this.#rings.drain(() => {}, Number.POSITIVE_INFINITY);
    const of = (hook: HookName) => programInfo(this.#fds[hook]);
    this.#before = { egress: of('egress'), ingress: of('ingress') };
  }

  /** @returns ns a packet since begin() */
  end(): Record<HookName, number> {
    for (const hook of HOOKS) {
      const { runs, runTimeNs } = programInfo(this.#fds[hook]);
      const before = this.#before[hook];
      this.#costs[hook].push((runTimeNs - before.runTimeNs) / (runs - before.runs));
    }
    return { egress: this.#costs.egress.at(-1) ?? 0, ingress: this.#costs.ingress.at(-1) ?? 0 };
  }

  cost(): Record<HookName, number> {
    return { egress: median(this.#costs.egress), ingress: median(this.#costs.ingress) };
  }
}

async function loaded(rate: bigint, areSeveral: boolean, filter: Filter): Promise<LoadedObject> {
  const watched = { links: ['ethernet'], isLoopback: false, areSeveral } as const;
  const object = await loadPrograms(watched, { capacity: DEFAULT_CAPACITY, filter });
  const settings = new SettingsMap(object.map(SETTINGS_MAP).fd);
  writeSettings(settings, { ...DEFAULT_SETTINGS, rate });
  return object;
}
