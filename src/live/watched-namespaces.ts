/** The interfaces of several network namespaces with the programs on them; namespaces come and go as they do. */
import type { Hook, Predecessor } from '../core/hooks.js';
import { type InterfacePlace, placeText } from '../events/places.js';
import { Fault } from '../faults.js';
import type { AttachMethod } from '../libbpf/attachment.js';
import { KernelError } from '../libbpf/errors.js';
import { type NamespaceAt, NamespaceGone } from '../libbpf/network-namespace.js';
import { isShortage } from '../libbpf/shortage.js';
import type { InterfaceStore } from '../maps/interfaces.js';
import type { Seen } from '../visibility/blindness.js';
import type { InterfaceChange, InterfaceTally } from '../visibility/interface-change.js';
import type { Predecessors, Sighting } from '../visibility/sightings.js';
import { GoneNamespaces } from './gone-namespaces.js';
import { InterfaceNumbers } from './interface-numbers.js';
import {
  type NamespacesPlan,
  type PlannedNamespace,
  planNamespace,
  presentNamespaces,
} from './namespace-plan.js';
import type { InterfacesParts, WatchedInterfaces } from './watched-interfaces.js';
import { type CallsIn, WatchedNamespace } from './watched-namespace.js';

/** So many namespaces are looked at closely in a second, in turns. */
const LOOKS = 16;
/** So many interfaces are attached to before the run begins; others while it runs. */
const FIRST = 16;
/** Then what has come until then is told, and only then more are attached to. */
const BATCH = 32;
const LONGEST_WAIT_MS = 1_000;
/** To look at one takes about half a millisecond. */
const WAIT_OF_EACH_MS = 40;
/** Lists that may fail: some seconds. */
const MOST_UNANSWERED = 30;
const MOST_SIGHTINGS = 100;

/** What the kernel is asked; tests have another one. */
export interface NamespaceCalls {
  /** Those that are there now. */
  readonly present: (plan: NamespacesPlan) => readonly NamespaceAt[];
  /** Undefined where it is gone again. */
  readonly plan: (where: NamespaceAt, plan: NamespacesPlan) => PlannedNamespace | undefined;
  readonly callsIn: CallsIn;
}

export interface NamespacesParts
  extends Pick<InterfacesParts, 'programsFor' | 'method' | 'isOver'> {
  readonly plan: NamespacesPlan;
  readonly maps: InterfaceStore;
  readonly calls: NamespaceCalls;
}

export const PRESENT: Pick<NamespaceCalls, 'present' | 'plan'> = {
  present: presentNamespaces,
  plan: (where, { words }) => planNamespace(where, words),
};

export class WatchedNamespaces {
  readonly #parts: NamespacesParts;
  readonly #numbers: InterfaceNumbers;
  /** By inode; those that were looked at last come last. */
  readonly #members = new Map<number, WatchedNamespace>();
  readonly #gone = new GoneNamespaces();
  /** By inode, as long as they are there. */
  readonly #refused = new Set<number>();
  /** Those that may be had later, and that was told; likewise. */
  readonly #deferred = new Set<number>();
  readonly #lost: InterfaceChange[] = [];
  /** So often in a row they could not be listed. */
  #unanswered = 0;
  /** Why nothing is left, where nothing may come. */
  #end: Fault | undefined;
  #isBehind = false;
  #isOver = false;

  constructor(parts: NamespacesParts) {
    this.#parts = parts;
    this.#numbers = new InterfaceNumbers(parts.maps);
    for (const planned of parts.plan.namespaces) this.#add(planned);
  }

  /** As of WatchedInterfaces. */
  async begin(): Promise<InterfaceChange[]> {
    const changes: InterfaceChange[] = [];
    const { netns } = this.#parts.plan;
    for (const member of this.#members.values()) {
      // Of those that were asked for one by one, what was named has to be had.
      if (this.#isOver || (!netns && this.names.length >= FIRST)) break;
      changes.push(...(await this.#among(member, (interfaces) => interfaces.begin())));
    }
    const [refused] = changes.filter(({ change }) => change === 'refused');
    if (refused?.change === 'refused' && this.names.length === 0) {
      throw new Fault(`interface ${placeText(refused)} cannot be watched: ${refused.reason}`);
    }
    return changes;
  }

  get method(): AttachMethod | undefined {
    for (const { interfaces } of this.#members.values()) {
      if (interfaces.method !== undefined) return interfaces.method;
    }
    return undefined;
  }

  /** Each with its namespace. */
  get names(): string[] {
    return Array.from(this.#members.values()).flatMap(({ names }) => names);
  }

  takeNewNames(): boolean {
    const all = Array.from(this.#members.values(), ({ interfaces }) => interfaces.takeNewNames());
    return all.includes(true);
  }

  /** Of any, also of one that is gone; by its number. */
  placeOf(number: number): InterfacePlace | undefined {
    return this.#numbers.placeOf(number);
  }

  /** Also of those that are gone. */
  tallies(): InterfaceTally[] {
    const present = Array.from(this.#members.values(), (member) => member.tallies());
    return [...this.#gone.tallies(), ...present.flat()];
  }

  async follow(): Promise<InterfaceChange[]> {
    this.#requireAny();
    const changes = this.#followNamespaces();
    let come = 0;
    this.#isBehind = false;
    for (const member of [...this.#members.values()]) {
      if (this.#isOver) break;
      const its = await this.#among(member, (interfaces) => interfaces.follow());
      changes.push(...its);
      come += its.filter(({ change }) => change === 'attached').length;
      if (member.interfaces.isBehind || come >= BATCH) this.#isBehind = true;
      if (come >= BATCH) break;
    }
    this.#noteIfNone(changes);
    return changes;
  }

  /** Of namespaces that come and go the kernel does not tell, nor of interfaces in those that ours has no link to. */
  get longestWaitMs(): number {
    return LONGEST_WAIT_MS + this.#members.size * WAIT_OF_EACH_MS;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  check(): InterfaceChange[] {
    this.#requireAny();
    const changes = this.#lost.splice(0);
    for (const member of this.#next()) {
      try {
        changes.push(...member.do((interfaces) => interfaces.check()));
      } catch (error) {
        changes.push(...this.#dropIfGone(member, error));
      }
    }
    this.#noteIfNone(changes);
    return changes;
  }

  lookOut(all: Seen): readonly Sighting[] {
    const news: Sighting[] = [];
    for (const member of this.#next()) {
      this.#look(member, () => news.push(...member.do((interfaces) => interfaces.lookOut(all))));
      if (this.#members.delete(member.inode)) this.#members.set(member.inode, member);
    }
    return news;
  }

  get sightings(): readonly Sighting[] {
    const present = Array.from(this.#members.values(), ({ sightings }) => sightings);
    return [...this.#gone.sightings, ...present.flat()].slice(-MOST_SIGHTINGS);
  }

  predecessors(): Predecessors {
    const all: Record<Hook, Predecessor[]> = { egress: [], ingress: [] };
    const collect = (interfaces: WatchedInterfaces) => {
      const { egress, ingress } = interfaces.predecessors();
      all.egress.push(...egress);
      all.ingress.push(...ingress);
      return [];
    };
    for (const member of this.#next()) this.#look(member, () => member.do(collect));
    return all;
  }

  /** By number. */
  holding(): ReadonlySet<number> {
    for (const member of this.#next()) this.#look(member, () => member.lookForHeld());
    return new Set(Array.from(this.#members.values()).flatMap(({ held }) => held));
  }

  stop(): void {
    this.#isOver = true;
    for (const { interfaces } of this.#members.values()) interfaces.stop();
  }

  detach(): void {
    this.stop();
    for (const { interfaces } of this.#members.values()) interfaces.detach();
  }

  async leave(): Promise<void> {
    this.stop();
    for (const { interfaces } of this.#members.values()) await interfaces.leave();
  }

  #add(planned: PlannedNamespace): void {
    const { programsFor, method, isOver, calls } = this.#parts;
    const member = new WatchedNamespace({
      ...{ programsFor, method, isOver, planned },
      callsIn: calls.callsIn,
      numbers: this.#numbers,
    });
    this.#members.set(member.inode, member);
  }

  /** Those that have come and gone. @returns what is to be told of their interfaces */
  #followNamespaces(): InterfaceChange[] {
    const present = this.#present();
    if (!present) return [];
    const changes: InterfaceChange[] = [];
    for (const member of [...this.#members.values()]) {
      const now = present.get(member.inode);
      if (!now || !member.follow(now)) changes.push(...this.#drop(member));
    }
    for (const set of [this.#refused, this.#deferred])
      for (const inode of set) if (!present.has(inode)) set.delete(inode);
    for (const where of present.values()) changes.push(...this.#welcome(where));
    return changes;
  }

  /** Its interfaces are attached to later. @returns why it cannot be watched */
  #welcome(where: NamespaceAt): InterfaceChange[] {
    const { plan, calls } = this.#parts;
    const { inode, name: netns } = where;
    if (this.#members.has(inode) || this.#refused.has(inode)) return [];
    try {
      const planned = calls.plan(where, plan);
      if (planned) this.#add(planned);
      this.#deferred.delete(inode);
      return [];
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (this.#deferred.has(inode) && isShortage(error)) return [];
      this.#deferred.delete(inode);
      (isShortage(error) ? this.#deferred : this.#refused).add(inode);
      const words = plan.words.included.join(' ');
      return [{ change: 'refused', netns, interface: words, reason: error.message }];
    }
  }

  #drop(member: WatchedNamespace): InterfaceChange[] {
    this.#members.delete(member.inode);
    const changes = member.leaveAll();
    this.#numbers.settle(member);
    this.#gone.add(member);
    return changes;
  }

  /** What is done there, unless it is gone by now: that is told at the next check. */
  #look(member: WatchedNamespace, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#lost.push(...this.#dropIfGone(member, error));
    }
  }

  async #among(
    member: WatchedNamespace,
    action: (interfaces: WatchedInterfaces) => Promise<InterfaceChange[]>,
  ): Promise<InterfaceChange[]> {
    try {
      return await member.doSlowly(action);
    } catch (error) {
      return this.#dropIfGone(member, error);
    }
  }

  /** What led to it may be gone alone: the process of the least id. */
  #dropIfGone(member: WatchedNamespace, error: unknown): InterfaceChange[] {
    if (!(error instanceof NamespaceGone)) throw error;
    const present = this.#present();
    if (!present) return [];
    const now = present.get(member.inode);
    return now && member.follow(now) ? [] : this.#drop(member);
  }

  /** By inode; undefined where they cannot be listed for want of memory or descriptors, but not for long. */
  #present(): ReadonlyMap<number, NamespaceAt> | undefined {
    const { plan, calls } = this.#parts;
    try {
      const present = calls.present(plan);
      this.#unanswered = 0;
      return new Map(present.map((where) => [where.inode, where]));
    } catch (error) {
      if (!isShortage(error) || ++this.#unanswered >= MOST_UNANSWERED) throw error;
      return undefined;
    }
  }

  #noteIfNone(changes: readonly InterfaceChange[]): void {
    if (this.#parts.plan.isOpen || this.#isOver || this.names.length > 0) return;
    const last = changes.findLast(({ change }) => change === 'detached');
    if (last?.change === 'detached') this.#end = new Fault(last.reason);
  }

  #requireAny(): void {
    if (this.#end) throw this.#end;
  }

  /** Whose turn it is. */
  #next(): WatchedNamespace[] {
    return Array.from(this.#members.values()).slice(0, LOOKS);
  }
}
