/**
 * What an end receives: RFC 9293's acceptability, PAWS and TS.Recent (RFC 7323), delayed acknowledgements
 * (RFC 5681). Sequence numbers are counted from the peer's first: 0 is its SYN.
 */
import type { Random } from '../../../lab/random.js';
import { chance, scaled } from './draw.js';
import { type Queue, Timer } from './queue.js';
import { isBeyond, lengthOf, type Segment } from './segment.js';
import type { EndTraits } from './traits.js';

const { max } = Math;
const WINDOW = 131_072;
const LONGEST_STALL_NS = 2_000_000_000;
const SHORTEST_STALL_NS = 1_000_000;

export interface Reader {
  readonly queue: Queue;
  readonly random: Random;
  readonly traits: EndTraits;
  acknowledge(): void;
  /** In order, and whether a FIN came with it. */
  deliver(bytes: number, isLast: boolean, by: Segment): void;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly isLast: boolean;
}

export class Receiving {
  next = 1;
  tsRecent = 0;
  /** Whether what came with the handshake is. */
  isAcknowledged = false;
  readonly #reader: Reader;
  /** The peer's first sequence number. */
  readonly #first: number;
  #acknowledged = 1;
  #waiting: Range[] = [];
  #pending = 0;
  #quickAcks: number;
  #hasEnded = false;
  readonly #delayed: Timer;
  readonly #stalled: Timer;

  constructor(reader: Reader, syn: Segment) {
    this.#reader = reader;
    this.#first = syn.seq;
    this.tsRecent = syn.tsval;
    this.#quickAcks = reader.traits.quickAcks;
    this.#delayed = new Timer(reader.queue, () => reader.acknowledge());
    this.#stalled = new Timer(reader.queue, () => reader.acknowledge());
  }

  get window(): number {
    return this.#stalled.isSet ? 0 : WINDOW;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What the next segment acknowledges, as on the wire. */
  get ack(): number {
    return (this.#first + this.next) >>> 0;
  }

  /** A segment that acknowledges leaves. */
  onSent(): void {
    this.isAcknowledged = true;
    this.#acknowledged = this.next;
    this.#pending = 0;
    this.#delayed.stop();
  }

  stop(): void {
    this.#delayed.stop();
    this.#stalled.stop();
  }

  /** Whether it comes after what PAWS has seen, and lies where it may. */
  accepts(s: Segment): boolean {
    if (isBeyond(this.tsRecent, s.tsval)) return false;
    const from = this.#relative(s.seq);
    const length = lengthOf(s);
    const isOld = from + length < this.#acknowledged || (length > 0 && from + length <= this.next);
    if (isOld && this.#echoesOld(from + length)) this.#keepTsval(s, from);
    return !isOld && from <= this.next + WINDOW;
  }

  /** A RST counts where it is expected, or just before (RFC 5961). */
  isReset(s: Segment): boolean {
    return this.#relative(s.seq) === this.next;
  }

  /** Takes what an acceptable segment brings. */
  take(s: Segment): void {
    const from = this.#relative(s.seq);
    this.#keepTsval(s, from);
    const isLast = (s.flags & 1) > 0;
    if (s.payload === 0 && !isLast) return;
    const range = { from, to: from + lengthOf(s), isLast };
    if (from <= this.next) {
      this.#advance(range, s);
    } else {
      this.#waiting.push(range);
      this.#reader.acknowledge();
    }
  }

  #advance(range: Range, s: Segment): void {
    const before = this.next;
    const hadGap = this.#waiting.length > 0;
    let isLast = range.isLast;
    this.next = max(before, range.to);
    for (;;) {
      const at = this.#waiting.findIndex(({ from }) => from <= this.next);
      if (at < 0) break;
      const [filled] = this.#waiting.splice(at, 1) as [Range];
      this.next = max(this.next, filled.to);
      isLast ||= filled.isLast;
    }
    const advance = this.next - before;
    if (isLast) this.#hasEnded = true;
    this.#maybeStall();
    this.#reader.deliver(advance - (isLast ? 1 : 0), isLast, s);
    // What the application has said at once has acknowledged it.
    if (this.#acknowledged !== this.next) this.#decide(advance, hadGap || isLast);
  }

  /** Whether to acknowledge now or later. */
  #decide(advance: number, isUrgent: boolean): void {
    const { delayedAck, mss } = this.#reader.traits;
    this.#pending += advance;
    if (isUrgent || this.#quickAcks > 0 || delayedAck === 0 || this.#pending >= 2 * mss - 200) {
      if (this.#quickAcks > 0) this.#quickAcks--;
      this.#reader.acknowledge();
    } else if (!this.#delayed.isSet) {
      this.#delayed.set(delayedAck);
    }
  }

  #echoesOld(end: number): boolean {
    const { oldDataEchoed } = this.#reader.traits;
    return oldDataEchoed === 'always' || (oldDataEchoed === 'edge' && end >= this.#acknowledged);
  }

  #keepTsval(s: Segment, from: number): void {
    const { echo } = this.#reader.traits;
    if (from > this.#acknowledged || isBeyond(this.tsRecent, s.tsval)) return;
    if (echo === 'rfc1323' && from + lengthOf(s) <= this.#acknowledged) return;
    this.tsRecent = s.tsval;
  }

  /** The application does not read for a while. */
  #maybeStall(): void {
    const { random, traits } = this.#reader;
    if (!this.#stalled.isSet && chance(random, traits.stalls)) {
      this.#stalled.set(scaled(random, SHORTEST_STALL_NS, LONGEST_STALL_NS));
    }
  }

  #relative(seq: number): number {
    return this.next + ((seq - this.ack) | 0);
  }
}
