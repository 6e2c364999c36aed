/** The core as WebAssembly under a clock of the test's own, fed packet by packet like the kernel's programs. */
import { join } from 'node:path';
import type { Watched } from '../../../lab/kernel/kernel.js';
import { repositoryRoot } from '../../../lab/places.js';
import type { Counters } from '../../../src/core/counters.js';
import { HOOK, REPLAY_STOP } from '../../../src/core/layouts.js';
import type { SweepResult } from '../../../src/core/sweep.js';
import { decode } from '../../../src/events/decode.js';
import type { KernelEvent } from '../../../src/events/types.js';
import { CORE_CLOCK_OFFSET, loadCore, NEVER, ReplayCore } from '../../../src/replay/core.js';
import type { Capacity, Settings } from '../../../src/sampling/policy.js';

export const MODULE_PATH = join(repositoryRoot, 'dist/bpf/replay_pping.wasm');

const NANOSECONDS = {
  highWeight: 2n ** 32n,
  multiplier: 1n,
  divisor: 1n,
  binaryDigits: 0,
  offset: 0n,
};

export type ReplicaHook = keyof typeof HOOK;

export class Replica {
  readonly core: ReplayCore;
  #events: KernelEvent[] = [];

  constructor(settings: Settings, watched: Watched, capacity: Capacity) {
    const { linkLayer = 'ethernet', tunnels = false } =
      typeof watched === 'string' ? { linkLayer: watched } : watched;
    this.core = new ReplayCore(settings, capacity, loadCore(MODULE_PATH));
    this.core.lookIntoTunnels(tunnels);
    this.core.setInterface(0, { linkLayer, time: NANOSECONDS, exactLengths: true });
  }

  /** Shows a frame, of which `captured` bytes are there. */
  show(
    hook: ReplicaHook,
    frame: Uint8Array,
    now: bigint,
    { segments = 0, captured = frame.length } = {},
  ): void {
    const { batch, input, view } = this.core;
    new Uint8Array(view.buffer, input.start, captured).set(frame.subarray(0, captured));
    const ticks = now + CORE_CLOCK_OFFSET;
    batch.clear();
    batch.add(
      input.start,
      captured,
      frame.length,
      Number(ticks >> 32n),
      Number(ticks & 0xffff_ffffn),
      0,
    );
    // As the loopback device has it, whose address is 0.
    const toThisHost = frame.subarray(0, 6).every((byte) => byte === 0);
    batch.mark({ hook: HOOK[hook], toThisHost, segments });
    this.#process();
  }

  /** All events since the last call. */
  events(): KernelEvent[] {
    this.#drain();
    return this.#events.splice(0);
  }

  sweep(now: bigint, flush: boolean): Promise<SweepResult> {
    return this.core.sweep({ now, flush }, () => this.#drain());
  }

  counters(): Counters {
    return this.core.counters();
  }

  #process(): void {
    this.core.process(0, NEVER, NEVER);
    if (this.core.stop === REPLAY_STOP.room) {
      this.#drain();
      this.core.process(0, NEVER, NEVER);
    }
    if (this.core.stop !== REPLAY_STOP.end) throw new Error(`the core stopped: ${this.core.stop}`);
  }

  #drain(): void {
    this.core.drain((bytes, offset, length) => {
      this.#events.push(decode(bytes, offset, length));
    });
  }
}
