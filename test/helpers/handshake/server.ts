/** The server of a handshake. */
import { type Queue, Timer } from '../pair/queue.js';
import { type Datagram, done, flight, initialOnly, negotiation, retry } from './datagram.js';
import type { Traits } from './traits.js';

const FIRST_PTO_NS = 600_000_000;
const MOST_PROBES = 6;

export class Server {
  readonly #queue: Queue;
  readonly #traits: Traits;
  readonly #send: (datagram: Datagram) => void;
  readonly #probe: Timer;
  readonly #parts = new Set<number>();
  #hasFlown = false;
  #isOver = false;
  #probes = 0;

  constructor(queue: Queue, traits: Traits, send: (datagram: Datagram) => void) {
    this.#queue = queue;
    this.#traits = traits;
    this.#send = send;
    this.#probe = new Timer(queue, () => this.#again());
  }

  receive({ says }: Datagram): void {
    if (says.kind === 'hello') this.#onHello(says.part, says.token);
    if (says.kind !== 'finished') return;
    this.#isOver = true;
    this.#probe.stop();
    this.#send(done(this.#ids));
  }

  get #ids() {
    const { version, clientId, serverId } = this.#traits;
    return { version, dcid: clientId, scid: serverId };
  }

  #onHello(part: number, hasToken: boolean): void {
    const { retryId, firstId, knowsVersion } = this.#traits;
    // It repeats the id that the client has chosen for it.
    if (!knowsVersion) this.#send(negotiation({ ...this.#ids, scid: firstId }));
    else if (retryId && !hasToken) this.#send(retry({ ...this.#ids, scid: retryId }));
    else if (this.#hasFlown && this.#parts.has(part)) this.#send(initialOnly('server', this.#ids));
    else this.#take(part);
  }

  #take(part: number): void {
    const { helloParts, isInstant, serverThinks } = this.#traits;
    this.#parts.add(part);
    if (isInstant && !this.#hasFlown) this.#send(initialOnly('server', this.#ids));
    if (this.#parts.size < helloParts || this.#hasFlown) return;
    this.#hasFlown = true;
    this.#queue.at(this.#queue.now + serverThinks, () => {
      this.#fly();
      this.#wait();
    });
  }

  #fly(): void {
    for (let part = 0; part < this.#traits.flightParts; part++) this.#send(flight(this.#ids, part));
  }

  #again(): void {
    if (this.#isOver || this.#probes++ >= MOST_PROBES) return;
    this.#fly();
    this.#wait();
  }

  #wait(): void {
    this.#probe.set(FIRST_PTO_NS * 2 ** this.#probes);
  }
}
