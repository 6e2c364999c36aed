/** The core as WebAssembly, which sees what passes the vantage points of many pairs. */
import { REPLAY_STOP } from '../../../src/core/layouts.js';
import { decode } from '../../../src/events/decode.js';
import type { RttEvent } from '../../../src/events/types.js';
import { CORE_CLOCK_OFFSET, loadCore, NEVER, ReplayCore } from '../../../src/replay/core.js';
import {
  type Capacity,
  DEFAULT_CAPACITY,
  DEFAULT_SETTINGS,
  type Settings,
} from '../../../src/sampling/policy.js';
import { MODULE_PATH } from '../core/replica.js';
import { headerBytes, writeFrame } from './frame.js';
import type { Segment, Side } from './segment.js';

const { floor } = Math;
const [Bytes, Views, Big] = [Uint8Array, DataView, BigInt];
const AT_A_TIME = 4_096;
const STRIDE = 80;
/** As often as --cleanup-interval has it. */
export const SWEEP_NS = 1_000_000_000;
const NANOSECONDS = {
  highWeight: 2n ** 32n,
  multiplier: 1n,
  divisor: 1n,
  binaryDigits: 0,
  offset: 0n,
};
const CLOCK_OFFSET = Number(CORE_CLOCK_OFFSET);

export interface Seen {
  /** When the answer was, by the clock that the packets were shown with. */
  readonly seen: number;
  readonly rtt: number;
  /** Which pair, and which of its ends sent the data. */
  readonly pair: number;
  readonly sender: Side;
  readonly keepAlive: boolean;
}

/** Something with the core in it that is shown packets. */
export interface Watcher {
  /** Adds a packet; true when process() is due. */
  add(pair: number, segment: Segment, seen: number, place: number): boolean;
  /** Shows the core what was added, and sweeps where it is time to. */
  process(): Promise<void>;
  /** The RTTs since the last call. */
  take(): Seen[];
}

/** All there is. */
const SETTINGS: Settings = { ...DEFAULT_SETTINGS, rate: 0n, includeLocal: true };

export class Watch implements Watcher {
  readonly #core: ReplayCore;
  #bytes = new Bytes();
  #view = new Views(new ArrayBuffer(0));
  #swept = 0;
  #last = 0;
  #seen: Seen[] = [];

  constructor(capacity: Capacity = DEFAULT_CAPACITY) {
    this.#core = new ReplayCore(SETTINGS, capacity, loadCore(MODULE_PATH));
    for (const place of [0, 1]) {
      this.#core.setInterface(place, { linkLayer: 'ethernet', time: NANOSECONDS });
    }
    this.#begin();
  }

  /** Before the packets of a world. */
  set(settings: Partial<Settings>): void {
    this.#core.set({ ...SETTINGS, ...settings });
  }

  add(pair: number, segment: Segment, seen: number, place: number): boolean {
    const { batch, input } = this.#core;
    const at = input.start + batch.count * STRIDE;
    writeFrame(this.#bytes, this.#view, at, pair, segment);
    const captured = headerBytes(segment);
    batch.add(at, captured, captured + segment.payload, floor(seen / 2 ** 32), seen >>> 0, place);
    this.#last = seen;
    return batch.count === AT_A_TIME || seen - this.#swept >= SWEEP_NS;
  }

  take(): Seen[] {
    return this.#seen.splice(0);
  }

  async process(): Promise<void> {
    const core = this.#core;
    for (let at = 0; at < core.batch.count; ) {
      at = core.process(at, NEVER, NEVER);
      if (core.stop !== REPLAY_STOP.end && core.stop !== REPLAY_STOP.room) {
        throw new Error(`the core stopped: ${core.stop}`);
      }
      this.#drain();
    }
    if (this.#last - this.#swept >= SWEEP_NS) {
      this.#swept = this.#last;
      const now = Big(this.#last) - CORE_CLOCK_OFFSET;
      await core.sweep({ now, flush: false }, () => this.#drain());
    }
    this.#begin();
  }

  #begin(): void {
    this.#core.batch.clear();
    const { view } = this.#core;
    this.#view = view;
    this.#bytes = new Bytes(view.buffer);
  }

  #drain(): void {
    this.#core.drain((bytes, offset, length) => {
      const event = decode(bytes, offset, length);
      if (event.type === 'rtt') this.#seen.push(seenIn(event, CLOCK_OFFSET));
    });
  }
}

/** @param offset from the core's clock to that of the packets */
export function seenIn({ timestamp, rtt, destAddress, keepAlive }: RttEvent, offset: number): Seen {
  const [high = 0, low = 0, side = 0] = destAddress.subarray(13);
  return {
    seen: Number(timestamp) + offset,
    rtt,
    pair: high * 256 + low,
    sender: side === 1 ? 0 : 1,
    keepAlive,
  };
}
