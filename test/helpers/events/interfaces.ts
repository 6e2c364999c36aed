/** Interfaces that come and go when a test says so, and what is counted there. */

import { Fault } from '../../../src/faults.js';
import type { Interface } from '../../../src/libbpf/interfaces.js';
import type { Link } from '../../../src/libbpf/links.js';
import type { InterfaceCalls, Watching } from '../../../src/live/interface-calls.js';
import type { InterfacePlan } from '../../../src/live/interface-plan.js';
import { WatchedInterfaces } from '../../../src/live/watched-interfaces.js';
import type { InterfaceStore, Seen } from '../../../src/maps/interfaces.js';
import type { Sighting } from '../../../src/visibility/sightings.js';

const NOTHING = { packets: 0, bytes: 0 };
const SILENT = { egress: NOTHING, ingress: NOTHING, xdp: undefined, isSwitchPort: false };

/** Of Ethernet, and up, unless told otherwise. */
export function link(index: number, name: string, more: Partial<Link> = {}): Link {
  const common = { alternativeNames: [], isUp: true, kind: 1, isLoopback: false };
  return { ...SILENT, ...common, linkLayer: 'ethernet', index, name, ...more };
}

/** Of interfaces 1, 2, 3, ... in this order. */
export function links(...names: readonly string[]): Link[] {
  return names.map((name, place) => link(place + 1, name));
}

/** One interface with pping on it. */
export class FakeWatching implements Watching {
  readonly name: string;
  readonly attachMethod = 'tcx';
  presentName: string;
  /** By another program. */
  isTakenOff = false;
  isDetached = false;
  /** Once it has left its place to go in front of others. */
  cannotReturn = false;
  /** What it is to find when it looks out next. */
  found: Sighting[] = [];
  readonly looks: Seen[] = [];
  readonly sightings: Sighting[] = [];
  readonly #nameNow: () => string | undefined;

  constructor(name: string, nameNow: () => string | undefined) {
    this.name = name;
    this.presentName = name;
    this.#nameNow = nameNow;
  }

  requireAttached(): string {
    const name = this.#nameNow();
    if (name === undefined) throw new Fault(`interface ${this.name} is gone`);
    if (this.isTakenOff) throw new Fault(`another program removed pping from ${this.name}`);
    this.presentName = name;
    return name;
  }

  lookOut(seen: Seen | undefined): readonly Sighting[] {
    if (this.cannotReturn) throw new Fault(`no room in front on ${this.name}`);
    if (seen) this.looks.push(seen);
    this.sightings.push(...this.found);
    return this.found.splice(0);
  }

  predecessors() {
    return { egress: [{ programId: 7, name: `before ${this.name}` }], ingress: [] };
  }

  detach(): void {
    this.isDetached = true;
  }

  async leave(): Promise<void> {
    await Promise.resolve();
    this.isDetached = true;
  }
}

/** The kernel, as far as it is asked of interfaces. */
export class FakeInterfaces implements InterfaceCalls {
  links: Link[];
  /** By name, why pping cannot be attached there. */
  readonly refusals = new Map<string, string | Fault>();
  /** Of all names that pping was to be attached to, in that order. */
  readonly tried: string[] = [];
  /** What happens while pping is being attached there. */
  meanwhile: (name: string) => void = () => {};
  /** All that pping was attached to, in that order. */
  readonly attached: FakeWatching[] = [];

  constructor(present: Link[]) {
    this.links = present;
  }

  list = () => this.links;

  readonly qdiscs = () => [];

  readonly nameOf = (index: number) => this.links.find((each) => each.index === index)?.name;

  readonly attach = async ({ name, index }: Interface) => {
    await Promise.resolve();
    this.tried.push(name);
    this.meanwhile(name);
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw typeof refusal === 'string' ? new Fault(refusal) : refusal;
    const watching = new FakeWatching(name, () => this.nameOf(index));
    this.attached.push(watching);
    return watching;
  };

  /** The last of this name. */
  on(name: string): FakeWatching {
    const found = this.attached.findLast((each) => each.name === name);
    if (!found) throw new Error(`pping was never attached to ${name}`);
    return found;
  }

  remove(name: string): void {
    this.links = this.links.filter((each) => each.name !== name);
  }

  rename(name: string, to: string): void {
    this.links = this.links.map((each) => (each.name === name ? { ...each, name: to } : each));
  }

  /**
   * @param included words, of which those present that have such names make the plan
   * @param more of the plan, where it is another one
   */
  watched(included: string[], more: Partial<InterfacePlan> = {}, maps?: InterfaceStore) {
    const isOpen = included.some((word) => /^any$|[*?[]/.test(word));
    const words = { included, excluded: [] };
    const interfaces = this.links.filter(({ name }) => included.includes(name)) as Interface[];
    return new WatchedInterfaces({
      plan: {
        words,
        names: included.filter((word) => this.links.some(({ name }) => name === word)),
        interfaces,
        named: interfaces.length,
        areSeveral: true,
        isOpen,
        ...more,
      },
      programsFor: (linkLayer) =>
        linkLayer === 'ethernet' ? { egress: 1, ingress: 2 } : undefined,
      method: undefined,
      maps,
      calls: this,
    });
  }
}

/** The maps, as far as they are asked. */
export class FakeStore implements InterfaceStore {
  /** By index; a test counts here what it wants to have been seen, and takes away what is not counted. */
  readonly counted = new Map<number, Seen>();
  held: ReadonlySet<number> = new Set();

  add(index: number): void {
    this.counted.set(index, { egress: 0, ingress: 0, bytes: 0 });
  }

  seen(index: number): Seen | undefined {
    return this.counted.get(index);
  }

  remove(index: number): void {
    this.counted.delete(index);
  }

  setHolding(held: ReadonlySet<number>): void {
    this.held = held;
  }
}
