/** Both targets of the core, which see what passes the vantage points of pairs. */
import { START } from '../../../lab/kernel/kernel.js';
import { Targets } from '../core/targets.js';
import { HEADER_BYTES, headerBytes, writeFrame } from './frame.js';
import type { Segment } from './segment.js';
import { type Seen, SWEEP_NS, seenIn, type Watcher } from './watch.js';

const [Big, Buffers] = [BigInt, Buffer];
const START_NS = Number(START);

export class Both implements Watcher {
  readonly #targets = new Targets({ rate: 0n, includeLocal: true });
  #last = 0;
  #swept = 0;

  /** Shows it at once. */
  add(pair: number, segment: Segment, seen: number): boolean {
    const frame = Buffers.alloc(HEADER_BYTES + segment.payload);
    writeFrame(frame, new DataView(frame.buffer, frame.byteOffset), 0, pair, segment);
    const hook = segment.from === 0 ? 'egress' : 'ingress';
    const bytes = headerBytes(segment) + segment.payload;
    this.#targets.at(Big(seen)).show(hook, frame.subarray(0, bytes));
    this.#last = seen;
    return seen - this.#swept >= SWEEP_NS;
  }

  async process(): Promise<void> {
    if (this.#last - this.#swept < SWEEP_NS) return;
    this.#swept = this.#last;
    await this.#targets.sweep();
  }

  take(): Seen[] {
    const rtts = this.#targets.rtts();
    return rtts.map((event) => seenIn(event, -START_NS));
  }

  close(): void {
    this.#targets.close();
  }
}
