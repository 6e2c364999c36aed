/**
 * The core as WebAssembly, shown one packet after the other. Each lies at the very end of memory, so
 * that a byte read beyond it is a trap.
 */
import { COUNTERS, REPLAY_STOP } from '../../../src/core/layouts.js';
import { loadCore, NEVER, ReplayCore } from '../../../src/replay/core.js';
import type { Filter } from '../../../src/sampling/filter.js';
import { type Capacity, DEFAULT_CAPACITY, type Settings } from '../../../src/sampling/policy.js';
import { LINK_LAYERS } from './reading.js';
import { MODULE_PATH } from './replica.js';

// In jest's sandbox a global costs a microsecond each time.
const { floor } = Math;
const [Bytes, Words] = [Uint8Array, Uint32Array];

export interface About {
  /** By the core's clock, in ns: above 0. */
  readonly time: number;
  /** Index of LINK_LAYERS. */
  readonly link: number;
  readonly hook: number;
  /** Bytes that the packet had. */
  readonly wire: number;
  readonly segments?: number;
}

export class Fuzzed {
  readonly #exports = loadCore(MODULE_PATH);
  readonly core: ReplayCore;
  readonly #counters = this.#exports.address_of_counters();
  #memory = new Bytes();
  /** Of the counters, two each. */
  #words = new Words();

  constructor(settings: Settings, capacity: Capacity = DEFAULT_CAPACITY, filter?: Filter) {
    this.core = new ReplayCore(settings, capacity, this.#exports);
    if (filter) this.core.filter(filter);
    this.core.lookIntoTunnels(true);
    const units = { highWeight: 2n ** 32n, multiplier: 1n, divisor: 1n };
    const time = { ...units, binaryDigits: 0, offset: 0n };
    LINK_LAYERS.forEach((linkLayer, index) => {
      this.core.setInterface(index, { linkLayer, time, exactLengths: true });
    });
  }

  show(bytes: Uint8Array, { time, link, hook, wire, segments = 0 }: About): void {
    const { core } = this;
    const memory = this.#ownMemory();
    const data = memory.length - bytes.length;
    memory.set(bytes, data);
    core.batch.clear();
    core.batch.add(data, bytes.length, wire, floor(time / 2 ** 32), time >>> 0, link);
    core.batch.mark({ hook, toThisHost: false, segments });
    core.process(0, NEVER, NEVER);
    if (core.stop !== REPLAY_STOP.end) throw new Error(`the core stopped: ${core.stop}`);
  }

  /** Puts the counters, below 2^32, into `to` in the order of COUNTERS. */
  count(to: Uint32Array): void {
    // It may have grown.
    this.#ownMemory();
    const words = this.#words;
    for (let index = 0; index < COUNTERS.length; index++) to[index] = words[index * 2] as number;
  }

  /** All records since the last call: copies. */
  take(): Uint8Array[] {
    const records: Uint8Array[] = [];
    this.core.drain((view, offset, length) => {
      records.push(new Bytes(view.buffer, offset, length).slice());
    });
    return records;
  }

  /** With a page at its end that is not the core's; when that has taken more, it is no longer the last. */
  #ownMemory(): Uint8Array {
    const { memory } = this.#exports;
    if (memory.buffer !== this.#memory.buffer) {
      if (memory.buffer.byteLength !== this.#memory.length) memory.grow(1);
      this.#memory = new Bytes(memory.buffer);
      this.#words = new Words(memory.buffer, this.#counters, COUNTERS.length * 2);
    }
    return this.#memory;
  }
}
