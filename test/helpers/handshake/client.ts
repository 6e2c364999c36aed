/** The client of a handshake (RFC 9000, 7; RFC 9002, 6.2): what it sends, and when it sends it again. */
import { type Queue, Timer } from '../pair/queue.js';
import {
  type Datagram,
  finished,
  handshakeOnly,
  hello,
  type Ids,
  initialOnly,
} from './datagram.js';
import type { Traits } from './traits.js';

/** Before anything is known of the path: three times the first guess of an RTT. */
const FIRST_PTO_NS = 1_000_000_000;
const MOST_PROBES = 6;

export class Client {
  readonly #queue: Queue;
  readonly #traits: Traits;
  readonly #send: (datagram: Datagram) => void;
  readonly #probe: Timer;
  #dcid: Buffer;
  #hasToken = false;
  #knowsServer = false;
  #hasFinished = false;
  #isOver = false;
  readonly #parts = new Set<number>();
  readonly #unreadable = new Set<number>();
  #probes = 0;

  constructor(queue: Queue, traits: Traits, send: (datagram: Datagram) => void) {
    this.#queue = queue;
    this.#traits = traits;
    this.#send = send;
    this.#dcid = traits.firstId;
    this.#probe = new Timer(queue, () => this.#again());
  }

  start(): void {
    this.#sayHello();
    this.#wait();
  }

  receive({ says }: Datagram): void {
    if (this.#isOver) return;
    if (says.kind === 'retry') this.#onRetry(says.id);
    else if (says.kind === 'flight') this.#onFlight(says.part, says.id);
    else if (says.kind === 'nothing') this.#learn(says.id);
    else if (says.kind === 'done' || says.kind === 'negotiation') this.#end();
  }

  get #ids(): Ids {
    return { version: this.#traits.version, dcid: this.#dcid, scid: this.#traits.clientId };
  }

  #sayHello(): void {
    const { helloParts, isEarly } = this.#traits;
    for (let part = 0; part < helloParts; part++) {
      const isLast = part === helloParts - 1;
      this.#send(hello(this.#ids, part, this.#hasToken, isEarly && isLast));
    }
  }

  #onRetry(id: Buffer): void {
    if (this.#hasToken || this.#knowsServer) return;
    this.#hasToken = true;
    this.#dcid = id;
    this.#sayHello();
  }

  #learn(id: Buffer): void {
    if (!this.#knowsServer) this.#dcid = id;
    this.#knowsServer = true;
  }

  /** Without the server's Initial there are no keys for what comes with it and after: that has to wait. */
  #onFlight(part: number, id: Buffer): void {
    if (part > 0 && !this.#parts.has(0)) {
      this.#unreadable.add(part);
      return;
    }
    this.#learn(id);
    this.#read(part);
    for (const each of this.#unreadable) this.#read(each);
    this.#unreadable.clear();
  }

  #read(part: number): void {
    const isNew = !this.#parts.has(part);
    this.#parts.add(part);
    const { acknowledges, flightParts, clientThinks } = this.#traits;
    const isWhole = this.#parts.size === flightParts;
    if (acknowledges && (!isWhole || !isNew)) {
      this.#send(
        part === 0 ? initialOnly('client', this.#ids) : handshakeOnly('client', this.#ids),
      );
    }
    if (!isWhole || this.#hasFinished) return;
    this.#hasFinished = true;
    this.#queue.at(this.#queue.now + clientThinks, () => this.#send(finished(this.#ids)));
  }

  #again(): void {
    if (this.#isOver || this.#probes++ >= MOST_PROBES) return;
    if (this.#hasFinished) this.#send(finished(this.#ids));
    else if (this.#parts.size > 0) this.#send(handshakeOnly('client', this.#ids));
    else this.#sayHello();
    this.#wait();
  }

  #wait(): void {
    this.#probe.set(FIRST_PTO_NS * 2 ** this.#probes);
  }

  #end(): void {
    this.#isOver = true;
    this.#probe.stop();
  }
}
