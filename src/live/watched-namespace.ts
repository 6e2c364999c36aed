/** The interfaces of one network namespace of several, with the programs on them. */
import { type InterfacePlace, placeText } from '../events/places.js';
import { Fault } from '../faults.js';
import { type NamespaceAt, NamespaceGone } from '../libbpf/network-namespace.js';
import type { InterfaceChange, InterfaceTally } from '../visibility/interface-change.js';
import type { Sighting } from '../visibility/sightings.js';
import type { InterfaceCalls } from './interface-calls.js';
import type { Home, InterfaceNumbers, NumberedInterfaces } from './interface-numbers.js';
import type { PlannedNamespace } from './namespace-plan.js';
import { type InterfacesParts, WatchedInterfaces } from './watched-interfaces.js';

/** What the kernel is asked of its interfaces. @returns as in a run of one namespace */
export type CallsIn = (
  where: () => NamespaceAt,
  numberOf: (index: number) => number,
) => InterfaceCalls;

export interface NamespaceParts extends Pick<InterfacesParts, 'programsFor' | 'method' | 'isOver'> {
  readonly planned: PlannedNamespace;
  readonly numbers: InterfaceNumbers;
  readonly callsIn: CallsIn;
}

export class WatchedNamespace implements Home {
  readonly interfaces: WatchedInterfaces;
  readonly #store: NumberedInterfaces;
  #where: NamespaceAt;
  #held: readonly number[] = [];

  constructor({ planned, numbers, callsIn, ...parts }: NamespaceParts) {
    this.#where = planned.where;
    const store = numbers.storeFor(this);
    this.#store = store;
    this.interfaces = new WatchedInterfaces({
      ...parts,
      plan: { ...planned.plan, areSeveral: true },
      maps: store,
      calls: callsIn(
        () => this.#where,
        (index) => store.numberOf(index),
      ),
      areSome: true,
    });
  }

  get inode(): number {
    return this.#where.inode;
  }

  /** Undefined where it has none. */
  get name(): string | undefined {
    return this.#where.name;
  }

  /** Of its interfaces, each with the namespace. */
  get names(): string[] {
    return this.interfaces.names.map((name) => placeText({ netns: this.name, interface: name }));
  }

  /** Undefined where the index is not known. */
  placeOf(index: number): InterfacePlace | undefined {
    const name = this.interfaces.nameOf(index);
    return name === undefined ? undefined : { netns: this.name, interface: name };
  }

  /**
   * Another path leads to what has this inode now.
   * @returns whether it is this namespace: while its interfaces are watched a name that is held there keeps it, so
   * that its inode is not used again, and it keeps its name
   */
  follow(now: NamespaceAt): boolean {
    const { name } = this;
    if (this.interfaces.names.length === 0 && now.name !== name) return false;
    this.#where = { ...now, name };
    return true;
  }

  tallies(): readonly InterfaceTally[] {
    return this.#withName(this.interfaces.tallies());
  }

  get sightings(): readonly Sighting[] {
    return this.#withName(this.interfaces.sightings);
  }

  /** Numbers of those that hold departures; as they were when it was last looked. */
  get held(): readonly number[] {
    return this.#held;
  }

  /** Throws as do() does. */
  lookForHeld(): void {
    this.do((interfaces) => {
      this.#held = Array.from(interfaces.holding(), (index) => this.#store.numberOf(index));
      return [];
    });
  }

  /** It is gone. @returns what is to be told of its interfaces */
  leaveAll(): InterfaceChange[] {
    const changes = this.interfaces.leaveAll(`network namespace ${this.name} is gone`);
    this.#store.removeAll();
    return this.#withName(changes);
  }

  /** What is done there. Throws NamespaceGone where it is no longer there, and Faults with its name. */
  do<Told extends object>(action: (interfaces: WatchedInterfaces) => readonly Told[]): Told[] {
    try {
      return this.#withName(action(this.interfaces));
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** The same of what takes its time. */
  async doSlowly(
    action: (interfaces: WatchedInterfaces) => Promise<readonly InterfaceChange[]>,
  ): Promise<InterfaceChange[]> {
    try {
      return this.#withName(await action(this.interfaces));
    } catch (error) {
      throw this.#named(error);
    }
  }

  #withName<Told extends object>(told: readonly Told[]): (Told & { netns: string | undefined })[] {
    return told.map((each) => ({ ...each, netns: this.name }));
  }

  #named(error: unknown): unknown {
    if (error instanceof NamespaceGone || !(error instanceof Fault)) return error;
    if (this.name === undefined) return error;
    return new Fault(`network namespace ${this.name}: ${error.message}`, { cause: error });
  }
}
