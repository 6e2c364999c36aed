/** The core as WebAssembly, asked after each packet of random pairs whether it was sent again, or overtaken. */
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../../src/sampling/policy.js';
import { FLAG } from '../core/reading.js';
import { Replica } from '../core/replica.js';
import { HEADER_BYTES, headerBytes, writeFrame } from './frame.js';
import { lengthOf, type Segment } from './segment.js';
import { type Seen, SWEEP_NS, seenIn, type Watcher } from './watch.js';

const [Big, Buffers, Sets] = [BigInt, Buffer, Set];

/** What it really was, and what it was counted as. */
export type Truth = 'again' | 'fresh' | 'doubled';
export type Said = 'retransmitted' | 'reordered' | 'neither';

export class LossWatch implements Watcher {
  readonly #replica = new Replica(
    { ...DEFAULT_SETTINGS, rate: 0n, includeLocal: true },
    'ethernet',
    DEFAULT_CAPACITY,
  );
  readonly #shown = new Sets<Segment>();
  #before = this.#counts();
  #last = 0;
  #swept = 0;
  /** Data after a handshake, by what it was and as what it was counted. */
  readonly said: Record<Truth, Record<Said, number>> = {
    again: { retransmitted: 0, reordered: 0, neither: 0 },
    fresh: { retransmitted: 0, reordered: 0, neither: 0 },
    doubled: { retransmitted: 0, reordered: 0, neither: 0 },
  };

  add(pair: number, segment: Segment, seen: number): boolean {
    const frame = Buffers.alloc(HEADER_BYTES + segment.payload);
    writeFrame(frame, new DataView(frame.buffer, frame.byteOffset), 0, pair, segment);
    const hook = segment.from === 0 ? 'egress' : 'ingress';
    const bytes = headerBytes(segment) + segment.payload;
    this.#replica.show(hook, frame.subarray(0, bytes), Big(seen));
    if (lengthOf(segment) > 0 && !(segment.flags & (FLAG.syn | FLAG.rst))) this.#judge(segment);
    else this.#before = this.#counts();
    this.#last = seen;
    return seen - this.#swept >= SWEEP_NS;
  }

  async process(): Promise<void> {
    if (this.#last - this.#swept < SWEEP_NS) return;
    this.#swept = this.#last;
    await this.#replica.sweep(Big(this.#last), false);
    this.#before = this.#counts();
  }

  take(): Seen[] {
    this.#shown.clear();
    return this.#replica
      .events()
      .filter((event) => event.type === 'rtt')
      .map((event) => seenIn(event, 0));
  }

  #judge(segment: Segment): void {
    const truth = segment.isAgain ? 'again' : this.#shown.has(segment) ? 'doubled' : 'fresh';
    this.#shown.add(segment);
    const now = this.#counts();
    // Its flow's first data brings what of the handshake was sent again.
    const goesOn = now.before === this.#before.before;
    const isAgain = !goesOn && now.retransmitted > this.#before.retransmitted;
    const isReordered = now.reordered > this.#before.reordered;
    this.#before = now;
    this.said[truth][isAgain ? 'retransmitted' : isReordered ? 'reordered' : 'neither']++;
  }

  #counts() {
    const { core } = this.#replica;
    const { retransmitted, retransmittedPackets, reorderedPackets } = core.counters();
    return {
      before: retransmitted,
      retransmitted: retransmittedPackets,
      reordered: reorderedPackets,
    };
  }
}
