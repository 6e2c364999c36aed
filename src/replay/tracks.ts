/** Which places the interfaces of several captures are. */
import { INPUT_LIMIT } from '../core/layouts.js';
import { Fault } from '../faults.js';
import type { CaptureInterface } from './interfaces.js';
import type { OnInterface } from './reader.js';

/** The core's interfaces, each used for what is described in one way, and their captures. */
export class Slots {
  readonly #set: OnInterface;
  /** 0 is not used: the indices that cooked captures bring would look like other interfaces. */
  readonly #names: string[] = [''];

  constructor(set: OnInterface) {
    this.#set = set;
  }

  take(capture: string, description: CaptureInterface): number {
    const slot = this.#names.length;
    if (slot === INPUT_LIMIT.interfaces) {
      throw new Fault(`the captures have more than ${INPUT_LIMIT.interfaces - 1} interfaces`);
    }
    this.#names.push(capture);
    this.#set(slot, description);
    return slot;
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

  slotOf(index: number, description: CaptureInterface): number {
    const key = keyOf(index, description);
    const slot = this.#byKey.get(key) ?? this.#slots.take(this.#first, description);
    this.#byKey.set(key, slot);
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

function keyOf(index: number, { linkLayer, name = '', time }: CaptureInterface): string {
  const { highWeight, multiplier, divisor, binaryDigits, offset } = time;
  return [index, linkLayer, highWeight, multiplier, divisor, binaryDigits, offset, name].join(' ');
}
