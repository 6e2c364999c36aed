/** Which places the interfaces of several captures are. */
import { INPUT_LIMIT } from '../core/layouts.js';
import { Fault } from '../faults.js';
import type { CaptureInterface } from './interfaces.js';
import type { OnInterface } from './reader.js';

/** An interface of a capture as it is described now. A later section may describe it otherwise. */
export interface Described {
  /** Of what it is described as. */
  readonly key: string;
  readonly description: CaptureInterface;
  /** The core's number for it, once it has been wanted. */
  slot: number | undefined;
}

/** The core's interfaces, and their captures. */
export class Slots {
  readonly #set: OnInterface;
  /** 0 is not used: the indices that cooked captures bring would look like other interfaces. */
  readonly #names: string[] = [''];
  /** What each is described as. */
  readonly #keys: string[] = [''];

  constructor(set: OnInterface) {
    this.#set = set;
  }

  take(capture: string): number {
    const slot = this.#names.length;
    if (slot === INPUT_LIMIT.interfaces) {
      throw new Fault(`the captures have more than ${INPUT_LIMIT.interfaces - 1} interfaces`);
    }
    this.#names.push(capture);
    return slot;
  }

  isDescribed(slot: number, key: string): boolean {
    const now = this.#keys[slot];
    return now === undefined || now === key;
  }

  describe(slot: number, key: string, description: CaptureInterface): void {
    if (this.#keys[slot] === key) return;
    this.#keys[slot] = key;
    this.#set(slot, description);
  }

  nameOf(slot: number): string | undefined {
    return this.#names[slot] || undefined;
  }
}

/** A capture and those that went on where it had ended: their interfaces are the same places. */
export class Track {
  readonly #slots: Slots;
  readonly #first: string;
  readonly #byKey = new Map<string, number>();
  /** The capture that was the last to go on, and what it is read from until it has ended. */
  latest: string;
  holder: object | undefined;

  constructor(slots: Slots, capture: string) {
    this.#slots = slots;
    this.#first = this.latest = capture;
  }

  goOn(holder: object, capture: string): void {
    this.holder = holder;
    this.latest = capture;
  }

  /** Whether packets that wait in the core are read as before once this one's are there, too. */
  isTold(each: Described): boolean {
    const slot = each.slot ?? this.#byKey.get(each.key);
    return slot === undefined || this.#slots.isDescribed(slot, each.key);
  }

  /** From now on the core takes it for what it is described as. Of one capture each index keeps its slot. */
  slotOf(each: Described): number {
    const slot = each.slot ?? this.#byKey.get(each.key) ?? this.#slots.take(this.#first);
    each.slot = slot;
    this.#byKey.set(each.key, slot);
    this.#slots.describe(slot, each.key, each.description);
    return slot;
  }

  /** Whether such a capture may go on with it. */
  fits(interfaces: readonly (CaptureInterface | undefined)[]): boolean {
    return interfaces.some((each, index) => each && this.#byKey.has(keyOf(index, each)));
  }
}

/** That whose latest capture has the most similar name; of equals the last. */
export function mostSimilar(tracks: readonly Track[], name: string): Track | undefined {
  let [best, most] = [tracks[0], -1];
  for (const track of tracks) {
    const similarity = similarityOf(track.latest, name);
    if (similarity >= most) [best, most] = [track, similarity];
  }
  return best;
}

/** How much they have in common at their beginnings and ends. */
function similarityOf(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let [start, end] = [0, 0];
  while (start < most && a[start] === b[start]) start++;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return start + end;
}

export function keyOf(index: number, { linkLayer, name = '', time }: CaptureInterface): string {
  const { highWeight, multiplier, divisor, binaryDigits, offset } = time;
  return [index, linkLayer, highWeight, multiplier, divisor, binaryDigits, offset, name].join(' ');
}
