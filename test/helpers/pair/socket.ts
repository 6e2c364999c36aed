/** An end of one connection: its states, from the SYN to the end (RFC 9293, 7413, 5961). */
import { FLAG } from '../core/reading.js';
import type { Host } from './host.js';
import { Receiving } from './receiving.js';
import { lengthOf, type Said, type Segment } from './segment.js';
import { Sending } from './sending.js';

/** As tcp_invalid_ratelimit of Linux. */
const OBJECTION_NS = 500_000_000;

export type State = 'synSent' | 'synReceived' | 'open' | 'timeWait' | 'closed';

/** What the next segment says beyond what the socket knows. */
interface Saying {
  readonly flags: number;
  readonly seq: number;
  readonly payload?: number;
  readonly isAgain?: boolean;
}

export class Socket {
  state: State = 'synSent';
  readonly sending: Sending;
  receiving: Receiving | undefined;
  readonly connection: number;
  readonly #host: Host;
  readonly #first: number;
  #isActiveCloser = false;
  /** When it last was. */
  #objected = 0;

  constructor(host: Host, connection: number, first: number) {
    this.#host = host;
    this.connection = connection;
    this.#first = first;
    const { queue, random, traits } = host;
    this.sending = new Sending({
      queue,
      random,
      traits,
      transmit: (seq, payload, hasFin, isAgain) => {
        const fin = hasFin ? FLAG.fin : 0;
        if (hasFin && !this.receiving?.hasEnded) this.#isActiveCloser = true;
        this.#say({ flags: FLAG.ack | fin, seq, payload, isAgain });
      },
      sendHandshakeAgain: () => this.#sayHandshake(0, true),
      giveUp: () => this.close(),
    });
  }

  /** Sends the SYN, with payload where it is a Fast Open. */
  connect(payload: number): void {
    this.#sayHandshake(payload, false);
    this.sending.begin(payload);
  }

  /** Answers a SYN. @param takes whether its payload, too */
  accept(syn: Segment, takes: boolean): void {
    this.state = 'synReceived';
    this.#meet(syn);
    if (takes) (this.receiving as Receiving).next += syn.payload;
    this.#host.delivered(this, syn);
    const payload = takes && syn.payload > 0 ? this.#host.synAckPayload() : 0;
    this.#sayHandshake(payload, false);
    this.sending.begin(payload);
    // Whose SYN has brought data need not wait for its ACK (RFC 7413, 4.2).
    if (takes && syn.payload > 0) {
      this.#host.read(this, syn.payload);
      this.sending.open();
    }
  }

  receive(s: Segment): void {
    if (this.state === 'closed') return;
    const { receiving } = this;
    if (!receiving) this.#inSynSent(s);
    else if (s.flags & FLAG.rst && receiving.isReset(s)) this.close();
    else if (s.flags & FLAG.rst) this.#object(s);
    else if (s.flags & FLAG.syn) this.#onSyn(s, receiving);
    else if (!(s.flags & FLAG.ack)) return;
    else if (receiving.accepts(s)) this.#onAcceptable(s, receiving);
    else this.#object(s);
  }

  /** What it has to say comes with it, or a segment for its own sake. */
  acknowledge(): void {
    if (this.state === 'closed' || !this.receiving) return;
    const { next, max, isOpen } = this.sending;
    const seq = isOpen ? next : 1;
    // Before the end of what was sent it is as a keep-alive: the other end answers it.
    this.#say({ flags: FLAG.ack, seq, isAgain: seq < max });
  }

  abort(): void {
    if (this.state === 'closed' || this.state === 'timeWait') return;
    const { next } = this.sending;
    this.#say({ flags: this.receiving ? FLAG.rst | FLAG.ack : FLAG.rst, seq: next });
    this.close();
  }

  close(): void {
    this.state = 'closed';
    this.sending.stop();
    this.receiving?.stop();
  }

  /** To what is unacceptable: not for ever, where the peer objects to that. */
  #object(s: Segment): void {
    const { now } = this.#host.queue;
    if (lengthOf(s) === 0 && now < this.#objected + OBJECTION_NS) return;
    this.#objected = now;
    this.acknowledge();
  }

  #inSynSent(s: Segment): void {
    const acknowledged = (s.ack - this.#first) | 0;
    const hasAck = (s.flags & FLAG.ack) > 0;
    const isReset = (s.flags & FLAG.rst) > 0;
    if (hasAck && (acknowledged <= 0 || acknowledged > this.sending.max)) {
      if (!isReset) this.#host.refuse(s);
    } else if (isReset) {
      if (hasAck) this.close();
    } else if (s.flags & FLAG.syn) {
      this.#meet(s);
      this.#host.delivered(this, s);
      if (hasAck) this.#onSynAck(s, acknowledged);
      else this.#onCrossingSyn();
    }
  }

  /** Both ends open at once. */
  #onCrossingSyn(): void {
    this.state = 'synReceived';
    this.#sayHandshake(0, true);
  }

  #onSynAck(s: Segment, acknowledged: number): void {
    this.#establish(acknowledged, s.window);
    this.#takeWithSyn(s);
    // Unless what was said at once has done so.
    if (this.receiving?.isAcknowledged === false) this.acknowledge();
  }

  /** What came with a SYN-ACK. */
  #takeWithSyn(s: Segment): void {
    const { receiving } = this;
    if (s.payload === 0 || !receiving) return;
    receiving.next += s.payload;
    receiving.isAcknowledged = false;
    this.#host.delivered(this, s);
    this.#host.read(this, s.payload);
  }

  #onSyn(s: Segment, receiving: Receiving): void {
    const beyond = (s.seq + 1 - receiving.ack) | 0;
    const isHandshake = this.state === 'synReceived';
    if (isHandshake && !(s.flags & FLAG.ack) && beyond <= 0) {
      this.#sayHandshake(0, true);
      return;
    }
    if (isHandshake && s.flags & FLAG.ack && beyond === 0) {
      this.#establish((s.ack - this.#first) | 0, s.window);
    }
    this.acknowledge();
  }

  #onAcceptable(s: Segment, receiving: Receiving): void {
    const acknowledged = (s.ack - this.#first) | 0;
    if (this.state === 'synReceived' && (acknowledged < 1 || acknowledged > this.sending.max)) {
      this.#host.refuse(s);
    } else if (acknowledged > this.sending.max) {
      this.#object(s);
    } else {
      this.#takeAck(s, acknowledged);
      receiving.take(s);
      this.#maybeEnd();
    }
  }

  #takeAck(s: Segment, acknowledged: number): void {
    const isPure = s.payload === 0 && !(s.flags & FLAG.fin);
    if (this.state === 'synReceived') this.#establish(acknowledged, s.window);
    else this.sending.onAck(acknowledged, isPure, s.window);
  }

  #establish(acknowledged: number, window: number): void {
    if (acknowledged < 1) return;
    this.state = 'open';
    this.sending.onAck(acknowledged, false, window);
    if (acknowledged < this.sending.max && !this.sending.isOpen) this.sending.goBackToSyn();
    this.#host.opened(this);
    this.sending.open();
  }

  #maybeEnd(): void {
    if (this.state !== 'open' || !this.sending.isDone || !this.receiving?.hasEnded) return;
    this.sending.stop();
    if (this.#isActiveCloser) this.state = 'timeWait';
    else this.close();
  }

  #meet(syn: Segment): void {
    const { queue, random, traits } = this.#host;
    this.receiving = new Receiving(
      {
        queue,
        random,
        traits,
        acknowledge: () => this.acknowledge(),
        deliver: (bytes, isLast, by) => {
          this.#host.delivered(this, by);
          this.#host.read(this, bytes);
          if (isLast) this.#host.ended(this);
        },
      },
      syn,
    );
  }

  #sayHandshake(payload: number, isAgain: boolean): void {
    const ack = this.receiving ? FLAG.ack : 0;
    this.#say({ flags: FLAG.syn | ack, seq: 0, payload, isAgain });
  }

  #say({ flags, seq, payload = 0, isAgain = false }: Saying): void {
    const { receiving } = this;
    const said: Said = {
      flags,
      payload,
      isAgain,
      seq: (this.#first + seq) >>> 0,
      ack: receiving?.ack ?? 0,
      window: receiving?.window ?? 65_535,
      tsval: this.#host.tsval,
      tsecr: receiving?.tsRecent ?? 0,
      hasTimestamp: this.#host.traits.timestamps && !(flags & FLAG.rst),
    };
    receiving?.onSent();
    this.#host.send(said, this.connection);
  }
}
