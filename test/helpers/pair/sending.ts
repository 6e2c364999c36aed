/**
 * What an end sends, and sends again: RFC 9293, 6298 and 5681, without SACK. Sequence numbers are counted from
 * the connection's first: 0 is the SYN.
 */
import type { Random } from '../../../lab/random.js';
import { chance } from './draw.js';
import { type Queue, Timer } from './queue.js';
import type { EndTraits } from './traits.js';

const { abs, floor, max, min } = Math;
const FIRST_WINDOW = 10;
const MOST_WINDOW = 64;
const MOST_BACKOFF = 6;
const MOST_ATTEMPTS = 8;
const LEAST_PROBE_NS = 2_000_000;
const PERSIST_NS = 200_000_000;

/** What there is around it. */
export interface Line {
  readonly queue: Queue;
  readonly random: Random;
  readonly traits: EndTraits;
  transmit(seq: number, payload: number, hasFin: boolean, isAgain: boolean): void;
  sendHandshakeAgain(): void;
  giveUp(): void;
}

export class Sending {
  /** The first that is not acknowledged, the next to send, and just beyond what was ever sent. */
  una = 0;
  next = 1;
  max = 1;
  window = MOST_WINDOW * 1448;
  isOpen = false;
  readonly #line: Line;
  /** Just beyond what the application has written. */
  #end = 1;
  #closes = false;
  #congestion = FIRST_WINDOW;
  #threshold = MOST_WINDOW;
  #duplicates = 0;
  /** Until this is acknowledged, what was lost is being sent again. */
  #recovers = 0;
  #attempts = 0;
  #smoothed = 0;
  #variance = 0;
  /** One segment at a time is timed, unless it is sent again (Karn). */
  #timed = { end: 0, since: 0 };
  #lastSize = 0;
  readonly #rto: Timer;
  readonly #probe: Timer;
  readonly #persist: Timer;
  readonly #keepalive: Timer;

  constructor(line: Line) {
    this.#line = line;
    this.#rto = new Timer(line.queue, () => this.#onTimeout());
    this.#probe = new Timer(line.queue, () => this.#onProbe());
    this.#persist = new Timer(line.queue, () => this.#onPersist());
    this.#keepalive = new Timer(line.queue, () => this.#onKeepalive());
  }

  get isDone(): boolean {
    return this.#closes && this.una === this.#end + 1;
  }

  get isClosing(): boolean {
    return this.#closes;
  }

  /** The SYN is on its way, with so much payload. */
  begin(payload: number): void {
    this.#end = max(this.#end, 1 + payload);
    this.next = this.max = 1 + payload;
    this.#rto.set(this.#line.traits.firstRto);
  }

  open(): void {
    this.isOpen = true;
    this.#armKeepalive();
    this.pump();
  }

  write(bytes: number, closes = false): void {
    if (this.#closes) return;
    this.#end += bytes;
    this.#closes = closes;
    this.pump();
  }

  /** Nothing more is sent, whatever happens. */
  stop(): void {
    this.isOpen = false;
    for (const timer of [this.#rto, this.#probe, this.#persist, this.#keepalive]) timer.stop();
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (!this.isOpen) return;
    while (this.next < this.#limit) {
      const size = this.#nextSize();
      if (size < 0) break;
      this.#send(this.next, size);
    }
    if (this.window === 0 && this.una === this.max && this.next < this.#limit) {
      if (!this.#persist.isSet) this.#persist.set(PERSIST_NS);
    } else {
      this.#persist.stop();
    }
  }

  onAck(ack: number, mayBeDuplicate: boolean, window: number): void {
    const isSameWindow = window === this.window;
    this.window = window;
    if (ack > this.una) this.#onProgress(ack);
    else if (ack === this.una && mayBeDuplicate && isSameWindow && ack < this.max) {
      this.#onDuplicate();
    }
    this.pump();
  }

  /** Only the SYN was taken, not what came with it. */
  goBackToSyn(): void {
    this.next = this.una;
    this.#recovers = this.max;
  }

  get #limit(): number {
    return this.#end + (this.#closes ? 1 : 0);
  }

  /** Of the next segment; -1 where it has to wait. */
  #nextSize(): number {
    const { traits, random } = this.#line;
    const left = this.#end - this.next;
    const allowed = min(floor(this.#congestion) * traits.mss, this.window);
    const room = this.una + allowed - this.next;
    if (left === 0) return room >= 0 ? 0 : -1;
    const size = min(left, room, traits.mss * (1 + random.below(traits.mostSegments)));
    if (size <= 0) return -1;
    return size < traits.mss && size < left && this.next > this.una ? -1 : size;
  }

  #send(seq: number, payload: number): void {
    const hasFin = this.#closes && seq + payload === this.#end;
    const end = seq + payload + (hasFin ? 1 : 0);
    const isAgain = seq < this.max;
    if (!isAgain && this.#timed.end <= this.una) {
      this.#timed = { end, since: this.#line.queue.now };
    } else if (isAgain && seq < this.#timed.end) {
      this.#timed.end = 0;
    }
    this.#lastSize = payload;
    this.next = max(this.next, end);
    this.max = max(this.max, end);
    this.#line.transmit(seq, payload, hasFin, isAgain);
    if (!this.#rto.isSet) this.#rto.set(this.#timeout);
    if (!isAgain && this.#line.traits.tailLossProbe && this.#smoothed > 0) {
      this.#probe.set(max(LEAST_PROBE_NS, 2 * this.#smoothed));
    }
    this.#armKeepalive();
  }

  #sendFirstAgain(): void {
    this.#send(this.una, max(0, min(this.#line.traits.mss, this.#end - this.una)));
  }

  get #timeout(): number {
    const { leastRto, firstRto } = this.#line.traits;
    const rto = this.#smoothed > 0 ? max(leastRto, this.#smoothed + 4 * this.#variance) : firstRto;
    return rto * 2 ** min(this.#attempts, MOST_BACKOFF);
  }

  #onProgress(ack: number): void {
    const isRecovering = this.una < this.#recovers;
    this.una = ack;
    this.next = max(this.next, ack);
    this.#duplicates = this.#attempts = 0;
    this.#measure(ack);
    if (isRecovering && ack < this.#recovers) {
      if (this.next === this.max) this.#sendFirstAgain();
      else this.#congestion = min(MOST_WINDOW, this.#congestion + 1);
    } else {
      this.#congestion = min(
        MOST_WINDOW,
        this.#congestion + (this.#congestion < this.#threshold ? 1 : 1 / this.#congestion),
      );
    }
    this.#probe.stop();
    if (this.una === this.max) this.#rto.stop();
    else this.#rto.set(this.#timeout);
  }

  #measure(ack: number): void {
    const { end, since } = this.#timed;
    if (end === 0 || ack < end) return;
    this.#timed.end = 0;
    const rtt = this.#line.queue.now - since;
    const first = this.#smoothed === 0;
    this.#variance = first ? rtt / 2 : (3 * this.#variance + abs(this.#smoothed - rtt)) / 4;
    this.#smoothed = max(1, first ? rtt : (7 * this.#smoothed + rtt) / 8);
  }

  #onDuplicate(): void {
    if (++this.#duplicates !== this.#line.traits.duplicateAcks) return;
    if (this.una < this.#recovers) return;
    this.#shrink();
    this.#congestion = this.#threshold;
    this.#sendFirstAgain();
  }

  #shrink(): void {
    this.#recovers = this.max;
    this.#threshold = max(2, floor(this.#congestion / 2));
  }

  #onTimeout(): void {
    if (this.una === this.max) return;
    if (++this.#attempts > MOST_ATTEMPTS) {
      this.#line.giveUp();
      return;
    }
    this.#rto.set(this.#timeout);
    if (this.una === 0) this.#line.sendHandshakeAgain();
    else if (this.isOpen) this.#recover();
  }

  #recover(): void {
    this.#shrink();
    this.#congestion = 1;
    if (this.#line.traits.recovery === 'single') {
      this.#sendFirstAgain();
    } else {
      this.next = this.una;
      this.pump();
    }
  }

  #onProbe(): void {
    if (this.isOpen && this.una > 0 && this.una < this.max && this.next === this.max) {
      const seq = max(this.una, this.max - max(1, this.#lastSize));
      this.#send(seq, max(0, min(this.#end - seq, this.#line.traits.mss)));
    }
  }

  /** Asks whether the window is still closed. */
  #onPersist(): void {
    if (!this.isOpen || this.window > 0 || this.next === this.#limit) return;
    this.#persist.set(2 * PERSIST_NS);
    if (chance(this.#line.random, 0.5)) this.#line.transmit(this.una - 1, 0, false, true);
    else if (this.next < this.#end) this.#send(this.next, 1);
  }

  #onKeepalive(): void {
    if (!this.isOpen) return;
    if (this.una === this.max && this.una > 1) {
      this.#line.transmit(this.una - 1, this.#line.traits.keepaliveBytes, false, true);
    }
    this.#armKeepalive();
  }

  #armKeepalive(): void {
    if (this.#line.traits.keepalive > 0) this.#keepalive.set(this.#line.traits.keepalive);
  }
}
