/** The kernel as a source of events: programs, maps and their attachment, as one. */
import { release } from 'node:os';
import type { Counters } from '../core/counters.js';
import { writeOwnerFilter } from '../core/owner-filter.js';
import { SWEEP } from '../core/programs.js';
import type { SelfCost } from '../core/self-cost.js';
import { writeSettings } from '../core/settings.js';
import type { SweepOptions, SweepResult } from '../core/sweep.js';
import type { Aggregate, DnsAggregate } from '../events/aggregate.js';
import { type Anonymizer, anonymizedNetworks } from '../events/anonymizer.js';
import type { InterfacePlace, Surroundings } from '../events/places.js';
import type { AttachMethod } from '../libbpf/attachment.js';
import { LinkEvents } from '../libbpf/link-events.js';
import type { LoadedObject } from '../libbpf/object.js';
import { AggregateMaps } from '../maps/aggregates.js';
import { sweep } from '../maps/cleaner.js';
import { readCounters } from '../maps/counters.js';
import { InterfaceMaps } from '../maps/interfaces.js';
import { PLACES_MAP, PlacesMap } from '../maps/places.js';
import { OWNER_FILTER_MAP, SETTINGS_MAP, SettingsMap, VariablesMap } from '../maps/settings.js';
import { UnownedFlows } from '../maps/unowned-flows.js';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import type { Settings } from '../sampling/policy.js';
import type { InterfaceChange, InterfaceTally } from '../visibility/interface-change.js';
import type { Predecessors, Sighting } from '../visibility/sightings.js';
import { EventReader, type EventTakers } from './event-reader.js';
import { noteListeners } from './listeners.js';
import { type CgroupRoot, OpenedSockets } from './opened-sockets.js';
import { type Constants, loadPrograms, objectFor } from './programs.js';
import { requireKernel, requireObject } from './requirements.js';
import { SelfCostMeter } from './self-cost.js';
import { SocketMakers } from './socket-makers.js';
import { isOfSeveral, type Watch, type WatchPlan, watchedOf, watchOf } from './watch.js';

/** What a source is started with. */
export interface Wanted extends Constants {
  readonly settings: Settings;
  /** Undefined takes TCX where there is one, else clsact. */
  readonly attach: AttachMethod | undefined;
  /** What stands for addresses in all that it tells; undefined: they are told as they are. */
  readonly anonymizer?: Anonymizer | undefined;
}

/** What is still to be said once the programs are loaded. */
export interface WantedOfLoaded extends Omit<Wanted, keyof Constants> {
  /** Whether they tell of connections beyond their packets. */
  readonly isAttributed: boolean;
  /** Whose sockets are noted as they open; undefined: none are. */
  readonly socketsIn?: CgroupRoot | undefined;
  /** Whether it is noted there, too, who makes sockets of other protocols than TCP. */
  readonly areMakersNoted?: boolean;
  /** Whether the run is to end before it has begun. */
  readonly isOver?: () => boolean;
}

export class LiveSource {
  readonly #object: LoadedObject;
  readonly #settings: SettingsMap;
  readonly #places: PlacesMap;
  readonly #reader: EventReader;
  readonly #anonymizer: Anonymizer | undefined;
  readonly #aggregates: AggregateMaps;
  readonly #sockets: OpenedSockets | undefined;
  readonly #makers: SocketMakers | undefined;
  /** Flows that nothing has told whose they are; only where owners are known. */
  readonly unowned: UnownedFlows;
  readonly #plan: WatchPlan;
  readonly #watch: Watch;
  /** Undefined where there is but one interface. */
  readonly #interfaceMaps: InterfaceMaps | undefined;
  /** Likewise. */
  readonly #links: LinkEvents | undefined;
  /** Those that could not be attached to from the start, until that is told. */
  #refused: InterfaceChange[] | undefined;
  #meter: SelfCostMeter | undefined;
  #unnotedListeners: string | undefined;
  /** Walks over the maps: one after the other. */
  #walk: Promise<unknown> = Promise.resolve();

  private constructor(object: LoadedObject, plan: WatchPlan, wanted: WantedOfLoaded) {
    this.#object = object;
    this.#plan = plan;
    this.#settings = new SettingsMap(object.map(SETTINGS_MAP).fd);
    this.#places = new PlacesMap(object.map(PLACES_MAP).fd);
    this.#reader = new EventReader(object, this.#settings, wanted.isAttributed, wanted.anonymizer);
    this.#anonymizer = wanted.anonymizer;
    this.#aggregates = new AggregateMaps(object);
    this.unowned = new UnownedFlows(object, (walk) => this.#afterWalks(walk));
    const { socketsIn, areMakersNoted = false } = wanted;
    this.#sockets = socketsIn === undefined ? undefined : new OpenedSockets(object, socketsIn);
    this.#makers =
      socketsIn && areMakersNoted ? new SocketMakers(object, socketsIn.directory) : undefined;
    this.#links = plan.areSeveral ? new LinkEvents(isOfSeveral(plan)) : undefined;
    this.#interfaceMaps = plan.areSeveral ? new InterfaceMaps(object) : undefined;
    this.#watch = watchOf(plan, object, {
      method: wanted.attach,
      maps: this.#interfaceMaps,
      isOver: wanted.isOver,
    });
  }

  /** Loads the programs and attaches them. Throws a Fault where that cannot be. */
  static async start(plan: WatchPlan, wanted: Wanted): Promise<LiveSource> {
    const isAttributed = wanted.attribution !== undefined;
    const object = await LiveSource.load(plan, wanted);
    return LiveSource.startLoaded(object, plan, { ...wanted, isAttributed });
  }

  /** Loads the programs; nothing sees a packet yet. Throws a Fault where that cannot be. */
  static async load(plan: WatchPlan, constants: Constants): Promise<LoadedObject> {
    requireKernel(release());
    requireObject(objectFor(constants));
    return loadPrograms(watchedOf(plan), constants);
  }

  /** Attaches what load() has given, by whatever way; it is the source's from now on. */
  static async startLoaded(
    object: LoadedObject,
    plan: WatchPlan,
    wanted: WantedOfLoaded,
  ): Promise<LiveSource> {
    const opened = [() => object.close()];
    try {
      const source = new LiveSource(object, plan, wanted);
      opened.push(() => source.close());
      source.set(wanted.settings);
      source.followQdiscs();
      const listeners =
        (source.sockets?.noted ?? 'none') !== 'none' ? noteListeners(object) : undefined;
      source.#refused = await source.#watch.interfaces.begin();
      source.#unnotedListeners = await listeners;
      return source;
    } catch (error) {
      opened.at(-1)?.();
      throw error;
    }
  }

  get attachMethod(): AttachMethod | undefined {
    return this.#watch.interfaces.method;
  }

  /** Whether there are, or may be, several interfaces: then each is a place of its own. */
  get areSeveral(): boolean {
    return this.#plan.areSeveral;
  }

  /** Whether others may come. */
  get isOpen(): boolean {
    return this.#plan.isOpen;
  }

  /** Which sockets are noted as they open, and why not others; undefined where none were to be. */
  get sockets(): Pick<OpenedSockets, 'noted' | 'areAllNoted' | 'reason'> | undefined {
    return this.#sockets;
  }

  /** Why it is not noted who makes sockets of other protocols than TCP, where it was to be. */
  get unnotedMakers(): string | undefined {
    return this.#makers?.reason;
  }

  /** Why it is not known who listened before, where it was to be. */
  get unnotedListeners(): string | undefined {
    return this.#unnotedListeners;
  }

  /** Of those that are watched now; of one alone, as it was called when that began. */
  get interfaceNames(): readonly string[] {
    return this.#watch.interfaces.names;
  }

  /** Records that could not be understood; always 0 unless object and CLI do not belong together. */
  get undecodable(): number {
    return this.#reader.undecodable;
  }

  /** Resolves when the ring buffer is filling up, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void> {
    return this.#reader.wait(timeoutMs);
  }

  /** Resolves with the next event, or after `timeoutMs`: for when there are few. */
  waitForEvent(timeoutMs: number): Promise<void> {
    return this.#reader.waitForEvent(timeoutMs);
  }

  /** Ends all waits. */
  interrupt(): void {
    this.#watch.interfaces.stop();
    this.#reader.interrupt();
    this.#links?.interrupt();
  }

  /** Hands over the events that are there, at most so many, each to be read before it returns. @returns how many */
  drain(takers: EventTakers, most: number): number {
    return this.#reader.drain(takers, most);
  }

  /** The VLANs that packets seen at a place were in. */
  surroundingsOf(place: number): Surroundings | undefined {
    return this.#places.surroundingsOf(place);
  }

  /** Of several interfaces, the one that a place is at; undefined where that is not known. */
  interfaceOf(place: number): InterfacePlace | undefined {
    const number = this.#places.interfaceOf(place);
    return number === undefined ? undefined : this.#watch.interfaces.placeOf(number);
  }

  /** What was seen of each, where there are several. */
  tallies(): InterfaceTally[] {
    return this.#watch.interfaces.tallies();
  }

  /** Whether as many events wait as are worth waking the reader. */
  get areMany(): boolean {
    return this.#reader.areMany;
  }

  /** How full the ring buffer is, from 0 to 1. */
  get backlog(): number {
    return this.#reader.backlog;
  }

  /** Changes the settings of the running programs. */
  set(settings: Settings): void {
    writeSettings(this.#settings, settings);
  }

  /** Looks whether fq holds packets until they are to leave: it may come and go while pping runs. */
  followQdiscs(): void {
    this.#settings.departuresHeld = this.#watch.interfaces.holding().size > 0;
  }

  /** Changes whose connections are measured; only where some were asked for from the start. */
  setOwners(filter: OwnerFilter): void {
    const map = new VariablesMap(this.#object.map(OWNER_FILTER_MAP).fd);
    writeOwnerFilter(map, filter);
    map.close();
  }

  /** Forgets what is stale. */
  sweep(options: SweepOptions = {}): Promise<SweepResult> {
    return this.#afterWalks(() => sweep(this.#object.program(SWEEP), options));
  }

  /** What has been counted of RTTs since the last time, where that was asked for. Not twice at a time. */
  async takeAggregates(): Promise<(Aggregate | DnsAggregate)[]> {
    const ended = await this.#afterWalks(async () => {
      await this.#aggregates.countTraffic();
      return this.#aggregates.endInterval();
    });
    return anonymizedNetworks(await this.#aggregates.read(ended), this.#anonymizer);
  }

  #afterWalks<Result>(walk: () => Promise<Result>): Promise<Result> {
    const walking = this.#walk.then(walk);
    this.#walk = walking.catch(() => {}); // whoever waits for this one is told
    return walking;
  }

  counters(): Counters {
    return readCounters(this.#object.map('counters'));
  }

  /** From now on, what watching costs is measured. @param accounting what has the kernel do so, now the source's */
  meterSelf(accounting: number): void {
    const noting = [this.#sockets?.program, this.#makers?.program];
    const programs = noting.filter((program) => program !== undefined);
    this.#meter = new SelfCostMeter(this.#watch.runs, programs, accounting);
  }

  /** Undefined where it is not measured. */
  selfCost(): SelfCost | undefined {
    return this.#meter?.read();
  }

  /**
   * Of several: waits until interfaces have come, gone or changed, or for `timeoutMs`, and goes with that. The first
   * time it does not wait. Throws a Fault where none is left, and none may come.
   * @returns what is to be told
   */
  async follow(timeoutMs: number): Promise<readonly InterfaceChange[]> {
    const refused = this.#refused;
    this.#refused = undefined;
    const { interfaces } = this.#watch;
    const wait = Math.min(timeoutMs, interfaces.longestWaitMs);
    if (!refused && !interfaces.isBehind) await this.#links?.wait(wait);
    return [...(refused ?? []), ...(await this.#watch.interfaces.follow())];
  }

  /** Whether an interface goes by another name than before, since the last time. */
  takeNewNames(): boolean {
    return this.#watch.interfaces.takeNewNames();
  }

  /** Whether they are still attached; once a second. Throws a Fault that says why, where none is. */
  check(): readonly InterfaceChange[] {
    return this.#watch.interfaces.check();
  }

  /** Whether it sees what the interfaces carry; once a second. @returns what is to be told */
  lookOut(counters: Counters): readonly Sighting[] {
    return this.#watch.interfaces.lookOut(counters);
  }

  /** All that was to be told of it until now. */
  get sightings(): readonly Sighting[] {
    return this.#watch.interfaces.sightings;
  }

  /** Who stands in front of pping now. */
  predecessors(): Predecessors {
    return this.#watch.interfaces.predecessors();
  }

  /** Sees no more packets. What was seen can still be drained. May be called twice. */
  detach(): void {
    this.#watch.interfaces.detach();
    this.#watch.close();
  }

  /** The same on another thread: where there are many interfaces it takes long. */
  async leave(): Promise<void> {
    await this.#watch.interfaces.leave();
    this.detach();
  }

  /** For the end of the process, whatever is under way: it would wait for the thread that waits. */
  abandon(): void {
    this.detach();
    this.interrupt();
  }

  /** Only when no wait and no sweep is under way. */
  close(): void {
    this.detach();
    this.#meter?.close();
    this.#sockets?.close();
    this.#makers?.close();
    this.#reader.close();
    this.#links?.close();
    this.#settings.close();
    this.#places.close();
    this.#interfaceMaps?.close();
    this.#object.close();
  }
}
