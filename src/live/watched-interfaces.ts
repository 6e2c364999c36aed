/** The interfaces of a run with the programs on them: those that were named, and those that come and go. */
import type { Hook, Predecessor } from '../core/hooks.js';
import type { WatchedLink } from '../core/programs.js';
import type { InterfacePlace } from '../events/places.js';
import { Fault, faultOf } from '../faults.js';
import type { AttachMethod, Programs } from '../libbpf/attachment.js';
import type { Interface } from '../libbpf/interfaces.js';
import type { Link } from '../libbpf/links.js';
import { isShortage } from '../libbpf/shortage.js';
import type { InterfaceStore } from '../maps/interfaces.js';
import type { Seen } from '../visibility/blindness.js';
import type { InterfaceChange, InterfaceTally } from '../visibility/interface-change.js';
import type { Predecessors, Sighting } from '../visibility/sightings.js';
import { Candidates } from './candidates.js';
import { holdingAmong } from './departures.js';
import { CALLS, type InterfaceCalls, type Watching } from './interface-calls.js';
import type { InterfacePlan } from './interface-plan.js';
import { InterfaceRecords } from './interface-records.js';
import { requireSpareFiles } from './open-files.js';

/** So many are looked at closely in a second, in turns: each look is some questions to the kernel. */
const LOOKS = 64;
/** With those that were named, so many are attached to before the run begins; others while it runs. */
const FIRST = 16;
/** Then what has come until then is told, and only then more are attached to. */
const BATCH = 32;
/** Of interfaces that are gone. */
const MOST_SIGHTINGS = 100;

export interface InterfacesParts {
  readonly plan: InterfacePlan;
  /** Undefined where there are none for them. */
  readonly programsFor: (link: WatchedLink) => Programs | undefined;
  /** Undefined takes TCX where there is one, else clsact. */
  readonly method: AttachMethod | undefined;
  /** Undefined where there is but one interface. */
  readonly maps: InterfaceStore | undefined;
  readonly calls?: InterfaceCalls;
  /** Whether there are others elsewhere: then it is no fault that none of these is left, or can be had. */
  readonly areSome?: boolean;
  /** Whether the run is to end before it has begun. */
  readonly isOver?: (() => boolean) | undefined;
}

export class WatchedInterfaces {
  readonly #parts: InterfacesParts;
  readonly #calls: InterfaceCalls;
  readonly #candidates: Candidates;
  readonly #records: InterfaceRecords;
  /** By index; those that were looked at last come last. */
  readonly #watched = new Map<number, Watching>();
  readonly #sightings: Sighting[] = [];
  /** What is to be told when they are checked next. */
  readonly #lost: InterfaceChange[] = [];
  /** Why nothing is left, where nothing may come. */
  #end: Fault | undefined;
  #isBehind = false;
  /** Since it was last gone with them something was refused for want of memory or open files. */
  #isShort = false;
  #isOver = false;

  constructor(parts: InterfacesParts) {
    this.#parts = parts;
    this.#calls = parts.calls ?? CALLS;
    this.#candidates = new Candidates(parts.plan, () => this.#calls.list());
    this.#records = new InterfaceRecords(parts.maps);
  }

  /**
   * Attaches to those that were named, and to some of the others that there are: follow() attaches to the rest. Throws
   * a Fault where that cannot be at one that was named, or at none.
   * @returns those that were refused
   */
  async begin(): Promise<InterfaceChange[]> {
    const { interfaces, named } = this.#parts.plan;
    const changes: InterfaceChange[] = [];
    let first: Fault | undefined;
    for (const [place, each] of interfaces.slice(0, Math.max(named, FIRST)).entries()) {
      if (this.#isOver || this.#parts.isOver?.()) break;
      const refused = await this.#attach(each);
      if (!refused) continue;
      if (place < named) throw this.#explained(each, refused);
      // It may be gone by now: then it is nothing to speak of, and others may come.
      if (!this.#candidates.isThere(each.index)) continue;
      changes.push(...this.#refuse(each, refused));
      first ??= this.#explained(each, refused);
    }
    const isAny = changes.length < interfaces.length || this.#parts.areSome;
    if (first && !isAny) throw first;
    return changes;
  }

  /** Where there are several, with the one that it is about. */
  #explained({ name }: Interface, refused: Fault): Fault {
    if (!this.#parts.plan.areSeveral) return refused;
    return new Fault(`interface ${name} cannot be watched: ${refused.message}`, { cause: refused });
  }

  /** Undefined where there is none. */
  get method(): AttachMethod | undefined {
    for (const each of this.#watched.values()) return each.attachMethod;
    return undefined;
  }

  /** Of those that are watched. */
  get names(): string[] {
    return Array.from(this.#watched, ([index, each]) => this.#labelOf(index, each));
  }

  /** Whether an index stands for another name than before, since the last time. */
  takeNewNames(): boolean {
    return this.#records.takeNewNames();
  }

  /** Of any, also of one that is gone. */
  nameOf(index: number): string | undefined {
    return this.#records.nameOf(index);
  }

  /** The same, as it is told. */
  placeOf(index: number): InterfacePlace | undefined {
    const name = this.nameOf(index);
    return name === undefined ? undefined : { interface: name };
  }

  /** What was seen of each, where there are several. */
  tallies(): InterfaceTally[] {
    return this.#records.tallies();
  }

  /**
   * Goes with what has come and gone. Throws a Fault where nothing is left and nothing may come, once that was told.
   * @returns what is to be told
   */
  async follow(): Promise<InterfaceChange[]> {
    this.#requireAny();
    const links = this.#candidates.present();
    this.#isBehind = true;
    this.#isShort = false;
    if (!links) return [];
    const changes = this.#leaveThoseGone(links);
    const come: InterfaceChange[] = [];
    for (const link of links) {
      if (this.#isOver || come.length === BATCH) break;
      come.push(...(await this.#welcome(link)));
    }
    this.#isBehind = come.length === BATCH;
    this.#noteIfNone(changes);
    return [...changes, ...come];
  }

  /** The kernel tells of all that is to be followed. */
  get longestWaitMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Whether there are others that have come already, or it is not known. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether they are still attached; once a second, not all where there are many. Throws as follow(). */
  check(): InterfaceChange[] {
    this.#requireAny();
    const lost = this.#lost.splice(0);
    const changes = this.#next().flatMap(([index, each]) => this.#checkOne(index, each));
    this.#noteIfNone([...lost, ...changes]);
    return [...lost, ...changes];
  }

  /** Whether pping sees what they carry; likewise. @param all what was counted of all */
  lookOut(all: Seen): readonly Sighting[] {
    const news: Sighting[] = [];
    for (const [index, each] of this.#next()) {
      const seen = this.#parts.maps ? this.#records.seen(index) : all;
      news.push(...this.#lookOutAt(index, each, seen));
      if (!this.#watched.delete(index)) continue;
      this.#watched.set(index, each);
    }
    return news;
  }

  /** Where pping was to go in front of others and could not be attached again, it is watched no more. */
  #lookOutAt(index: number, each: Watching, seen: Seen | undefined): readonly Sighting[] {
    try {
      const name = this.#labelOf(index, each);
      return each.lookOut(seen).map((sighting) => ({ ...sighting, interface: name }));
    } catch (error) {
      this.#lost.push(this.#lose(index, each, error));
      return [];
    }
  }

  /** All that was to be told of them until now. */
  get sightings(): readonly Sighting[] {
    const now = Array.from(this.#watched.values()).flatMap(({ sightings }) => sightings);
    return [...this.#sightings, ...now].slice(-MOST_SIGHTINGS);
  }

  /** Who stands in front of pping now, at any of them. */
  predecessors(): Predecessors {
    const all = this.#next().map(([, each]) => each.predecessors());
    const of = (hook: Hook) => {
      const byProgram = all
        .flatMap((each) => each[hook])
        .map((each) => [JSON.stringify(each), each]);
      return Object.values(Object.fromEntries(byProgram)) as Predecessor[];
    };
    return { egress: of('egress'), ingress: of('ingress') };
  }

  /**
   * Which of them hold packets until they are to leave: that may change while pping runs. Before it begins, of those
   * that it begins with.
   */
  holding(): ReadonlySet<number> {
    const first = this.#parts.plan.interfaces.map(({ index }) => index);
    const holding = holdingAmong(
      this.#watched.size > 0 ? this.#watched.keys() : first,
      this.#calls.qdiscs,
    );
    this.#parts.maps?.setHolding(holding);
    return holding;
  }

  /** They are gone all at once. @returns what is to be told */
  leaveAll(reason: string): InterfaceChange[] {
    return Array.from(this.#watched, ([index, each]) => {
      this.#leave(index, each);
      return { change: 'detached', interface: this.#labelOf(index, each), isGone: true, reason };
    });
  }

  /** Goes with no more of them. */
  stop(): void {
    this.#isOver = true;
  }

  /** Their packets are seen no more. May be called twice. */
  detach(): void {
    this.stop();
    for (const each of this.#watched.values()) each.detach();
  }

  /** The same on another thread. */
  async leave(): Promise<void> {
    this.stop();
    for (const each of this.#watched.values()) await each.leave();
  }

  /** @returns why it cannot be */
  async #attach(each: Interface): Promise<Fault | undefined> {
    const { programsFor, method } = this.#parts;
    const { index, name, linkLayer } = each;
    try {
      const programs = programsFor(linkLayer);
      if (!programs) throw new Fault(`${name} is now an interface of another kind`);
      if (this.#watched.size > 0) requireSpareFiles();
      this.#records.begin(index, name);
      const watched = await this.#calls.attach(each, programs, method);
      this.#watched.set(index, watched);
      if (this.#isOver) watched.detach();
      return undefined;
    } catch (error) {
      this.#records.end(index);
      return faultOf(error);
    }
  }

  #leaveThoseGone(links: readonly Link[]): InterfaceChange[] {
    const names = new Map(links.map(({ index, name }) => [index, name]));
    return Array.from(this.#watched).flatMap(([index, each]) =>
      names.get(index) === each.presentName ? [] : this.#checkOne(index, each),
    );
  }

  #checkOne(index: number, each: Watching): InterfaceChange[] {
    const before = each.presentName;
    try {
      const to = each.requireAttached();
      return to === before ? [] : [this.#rename(index, each, to)];
    } catch (error) {
      return [this.#lose(index, each, error)];
    }
  }

  /** Of several each goes by its present name: another may get the one that it had. */
  #rename(index: number, { name }: Watching, to: string): InterfaceChange {
    if (!this.#parts.plan.areSeveral)
      return { change: 'renamed', interface: name, to, keeps: name };
    const before = this.#records.nameOf(index) ?? name;
    this.#records.rename(index, to);
    return { change: 'renamed', interface: before, to };
  }

  #labelOf(index: number, { name }: Watching): string {
    return this.#records.nameOf(index) ?? name;
  }

  /** Throws what it is about where there is but one. */
  #lose(index: number, each: Watching, error: unknown): InterfaceChange {
    if (!this.#parts.plan.areSeveral) throw error;
    const { message: reason } = faultOf(error);
    // Its namespace may be gone, too: then it is not here that it is told.
    const isGone = this.#calls.nameOf(index) === undefined;
    this.#leave(index, each);
    if (!isGone) this.#candidates.noteLoss(index);
    return { change: 'detached', interface: this.#labelOf(index, each), isGone, reason };
  }

  #leave(index: number, each: Watching): void {
    each.detach();
    this.#sightings.push(...each.sightings);
    this.#sightings.splice(0, this.#sightings.length - MOST_SIGHTINGS);
    this.#watched.delete(index);
    this.#records.end(index);
  }

  async #welcome(link: Link): Promise<InterfaceChange[]> {
    const { index, name, linkLayer, isLoopback } = link;
    if (this.#watched.has(index) || !this.#candidates.isWanted(link)) return [];
    if (linkLayer === undefined)
      return this.#refuse(link, new Fault('it carries neither Ethernet nor plain IP'));
    // What one has failed for, others would fail for, too.
    if (this.#isShort && this.#candidates.isDeferred(index)) return [];
    const refused = await this.#attach({ index, name, linkLayer, isLoopback });
    // It may be gone again: then it is nothing to speak of.
    if (refused) return this.#candidates.isThere(index) ? this.#refuse(link, refused) : [];
    this.#candidates.settle(index);
    return [{ change: 'attached', interface: name }];
  }

  /** What may be had later is told once. */
  #refuse({ index, name }: Pick<Link, 'index' | 'name'>, fault: Fault): InterfaceChange[] {
    const change = { change: 'refused', interface: name, reason: fault.message } as const;
    if (isShortage(fault)) {
      this.#isShort = true;
      return this.#candidates.defer(index) ? [change] : [];
    }
    this.#candidates.giveUp(index);
    return [change];
  }

  /** What has become of the last one is told before it ends the run. */
  #noteIfNone(changes: readonly InterfaceChange[]): void {
    const { plan, areSome } = this.#parts;
    if (this.#watched.size > 0 || plan.isOpen || areSome || this.#isOver) return;
    const last = changes.findLast(({ change }) => change === 'detached');
    if (last?.change === 'detached') this.#end = new Fault(last.reason);
  }

  #requireAny(): void {
    if (this.#end) throw this.#end;
  }

  /** Whose turn it is. */
  #next(): [number, Watching][] {
    return Array.from(this.#watched).slice(0, LOOKS);
  }
}
