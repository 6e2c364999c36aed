/** Several captures as one: their packets by time. */
import { Fault } from '../faults.js';
import type { CaptureFeed } from './feed.js';
import { type CaptureMemory, holdBack, takeAll } from './memory.js';
import { orLate } from './patience.js';
import { type Ended, endOf, PendingCapture } from './pending.js';
import type { QueuedCapture } from './queued.js';
import { mostSimilar, Slots, Track } from './tracks.js';

/** More are counted, and not named. */
const MOST_NAMED = 3;

/** By how much what a capture has before another begins is longer than what both have, at least. */
const LEAST_RATIO = 10n;

/** One that has begun. */
interface Member {
  readonly pending: PendingCapture;
  readonly queue: QueuedCapture;
  /** Its place among those that were given. */
  readonly order: number;
  /** What is being waited for. */
  reading?: Promise<boolean> | undefined;
}

export class MergedCaptures implements CaptureFeed {
  readonly isSeveral = true;
  readonly file = 'in.pcap';
  readonly #captures: readonly PendingCapture[];
  readonly #memory: CaptureMemory;
  readonly #reorder: bigint;
  readonly #slots: Slots;
  /** Those that have not begun, the next one last. */
  readonly #pending: PendingCapture[];
  #members: Member[] = [];
  /** Of those that have ended, and that none goes on with yet. */
  readonly #tracks = new Set<Track>();
  readonly #ended = new Map<PendingCapture, Ended>();
  /** Where the bytes of the batch end. */
  #end: number;
  #isInterrupted = false;

  private constructor(captures: readonly PendingCapture[], memory: CaptureMemory, reorder: bigint) {
    this.#captures = captures;
    this.#memory = memory;
    this.#reorder = reorder;
    this.#slots = new Slots((...args) => memory.setInterface(...args));
    this.#end = memory.input.start;
    for (const capture of captures) {
      if (capture.firstTime === undefined) this.#ended.set(capture, capture.ended);
    }
    this.#pending = captures
      .filter(({ firstTime }) => firstTime !== undefined)
      .sort((a, b) => compare(b.firstTime ?? 0n, a.firstTime ?? 0n));
  }

  /** Throws a UsageError where one is no capture, a Fault where none can be read. */
  static async open(
    paths: readonly string[],
    memory: CaptureMemory,
    reorder: bigint,
  ): Promise<MergedCaptures> {
    const captures: PendingCapture[] = [];
    try {
      for (const path of paths) captures.push(await PendingCapture.open(path));
      if (captures.every(({ ended }) => ended.damage !== undefined)) {
        throw new Fault(joined(captures.map(({ ended }) => ended.damage ?? '')));
      }
      return new MergedCaptures(captures, memory, reorder);
    } catch (error) {
      for (const capture of captures) capture.close();
      throw error;
    }
  }

  get name(): string {
    const names = this.#captures.map(({ name }) => name);
    if (names.length > MOST_NAMED) return `${names[0]} and ${names.length - 1} others`;
    return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  }

  captureOf(slot: number): string | undefined {
    return this.#slots.nameOf(slot);
  }

  get damage(): string | undefined {
    const all = this.#endings.flatMap(({ damage }) => damage ?? []);
    return all.length > 0 ? joined(all) : undefined;
  }

  get refusal(): string | undefined {
    return this.#endings.find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  get remarks(): readonly string[] {
    return this.#captures.flatMap((capture) => {
      const { remarks } = this.#endOf(capture);
      return remarks.map((remark) => `${capture.name}: ${remark}`);
    });
  }

  get position(): number {
    const begun = this.#members.map(({ queue }) => queue.capture.position);
    const over = [...this.#ended.keys()].map(({ size = 0 }) => size);
    return [...begun, ...over].reduce((sum, each) => sum + each, 0);
  }

  get size(): number | undefined {
    const sizes = this.#captures.map(({ size = Number.NaN }) => size);
    const sum = sizes.reduce((before, each) => before + each, 0);
    return Number.isNaN(sum) ? undefined : sum;
  }

  get #endings(): Ended[] {
    return this.#captures.map((capture) => this.#endOf(capture));
  }

  #endOf(capture: PendingCapture): Ended {
    const member = this.#members.find(({ pending }) => pending === capture);
    return this.#ended.get(capture) ?? endOf(member?.queue);
  }

  async next(): Promise<boolean> {
    const { batch } = this.#memory;
    this.#keepHeld();
    const held = batch.count;
    while (!this.#isInterrupted) {
      const empty = this.#members.find(({ queue }) => queue.waiting === 0);
      if (empty) {
        if (batch.count > held && holdBack(this.#memory, this.#reorder, this.#end)) return true;
        if (!(await this.#read(empty))) break;
      } else if (!(await this.#moveSome())) {
        if (batch.count > held && holdBack(this.#memory, this.#reorder, this.#end)) return true;
        break;
      }
    }
    return takeAll(this.#memory, this.#reorder);
  }

  #keepHeld(): void {
    const { batch, input, view } = this.#memory;
    batch.keepHeld();
    const first = Math.min(this.#end, batch.firstByte(0));
    const by = input.start - first;
    new Uint8Array(view.buffer).copyWithin(input.start, first, this.#end);
    batch.shift(by);
    this.#end += by;
  }

  /** @returns false where it is long in coming: what is there is not to wait for it */
  async #read(member: Member): Promise<boolean> {
    member.reading ??= member.queue.read();
    const arrival = member.reading.then(() => true);
    const isThere = await (this.#memory.batch.count === 0 ? arrival : orLate(arrival));
    if (!isThere) return false;
    member.reading = undefined;
    if (member.queue.waiting === 0) this.#leave(member);
    return true;
  }

  /** Those of the next capture, up to where another's turn is. @returns whether there was one, and room */
  async #moveSome(): Promise<boolean> {
    const [next, other] = this.#nextTwo();
    const begins = this.#pending.at(-1)?.firstTime;
    const time = next?.queue.next;
    if (begins !== undefined && (time === undefined || begins < time)) return this.#begin();
    if (!next) return false;
    const before = this.#memory.batch.count;
    this.#end = next.queue.move(this.#memory, this.#end, boundOf(next, other, begins));
    return this.#memory.batch.count > before;
  }

  /** Of those that have begun, by their next packets. */
  #nextTwo(): [Member | undefined, Member | undefined] {
    let [next, other]: (Member | undefined)[] = [];
    for (const member of this.#members) {
      if (!next || isBefore(member, next)) [next, other] = [member, next];
      else if (!other || isBefore(member, other)) other = member;
    }
    return [next, other];
  }

  async #begin(): Promise<boolean> {
    const pending = this.#pending.pop();
    if (!pending) return false;
    const queue = await pending.begin();
    if (!queue) {
      this.#ended.set(pending, pending.ended);
      return true;
    }
    queue.track = await this.#trackFor(pending, queue);
    this.#members.push({ pending, queue, order: this.#captures.indexOf(pending) });
    return true;
  }

  /**
   * A capture that begins once another has ended goes on with it, as files do that a ring buffer is
   * written to. Their clocks are one, but packets may be out of order where one ends.
   */
  async #trackFor(pending: PendingCapture, queue: QueuedCapture): Promise<Track> {
    const ended = [...this.#tracks].filter((track) => track.fits(queue.interfaces));
    const { firstTime = 0n } = pending;
    for (const { queue: other, pending: before } of this.#members) {
      const { track } = other;
      if (!track?.fits(queue.interfaces) || track.holder !== other) continue;
      const overlap = least(this.#reorder, (firstTime - (before.firstTime ?? 0n)) / LEAST_RATIO);
      if (await other.endsBefore(firstTime + overlap + 1n)) ended.push(track);
    }
    const track = mostSimilar(ended, pending.name) ?? new Track(this.#slots, pending.name);
    this.#tracks.delete(track);
    track.goOn(queue, pending.name);
    return track;
  }

  /** It has ended. */
  #leave({ pending, queue }: Member): void {
    this.#ended.set(pending, endOf(queue));
    this.#members = this.#members.filter((member) => member.queue !== queue);
    queue.capture.close();
    const { track } = queue;
    if (track?.holder !== queue) return;
    track.holder = undefined;
    this.#tracks.add(track);
  }

  interrupt(): void {
    this.#isInterrupted = true;
    for (const { queue } of this.#members) queue.capture.interrupt();
    for (const pending of this.#pending) pending.interrupt();
  }

  close(): void {
    for (const { queue } of this.#members) queue.capture.close();
    for (const pending of this.#pending) pending.close();
  }
}

/** In one line. */
function joined(damages: readonly string[]): string {
  const others = damages.length - MOST_NAMED;
  const told = damages.slice(0, MOST_NAMED).join('; ');
  return others > 0 ? `${told}; and ${others} more captures` : told;
}

/** Of two packets of one time that of the capture that was given first comes first. */
function isBefore(a: Member, b: Member): boolean {
  const order = compare(a.queue.next ?? 0n, b.queue.next ?? 0n);
  return order < 0 || (order === 0 && a.order < b.order);
}

/** What packets of `next` have to be before. */
function boundOf(
  next: Member,
  other: Member | undefined,
  begins: bigint | undefined,
): bigint | undefined {
  const time = other?.queue.next;
  const bound = other && time !== undefined && next.order < other.order ? time + 1n : time;
  if (bound === undefined || begins === undefined) return bound ?? plusOne(begins);
  return begins < bound ? begins + 1n : bound;
}

function plusOne(time: bigint | undefined): bigint | undefined {
  return time === undefined ? undefined : time + 1n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
