/** What an end sends: what its application has to say, and acknowledgements. */

import type { Queue } from '../pair/queue.js';
import { Timer } from '../pair/queue.js';
import type { Packet, Policy, SpinEndpoint } from './endpoint.js';

/** Packets that are sent one after the other, without regard to what the other end does. */
export interface Stream {
  readonly from: 'client' | 'server';
  /** From one packet to the next, in ns. */
  readonly gap: number;
  /** For so many ns there are packets, and then for so many there are none. */
  readonly on?: number;
  readonly off?: number;
}

/** The client asks, and the server answers. */
export interface Requests {
  /** From one request to the next, in ns. */
  readonly interval: number;
  /** How long the server takes before its answer, in ns. */
  readonly think?: number;
  /** Packets of an answer. */
  readonly packets?: number;
}

const MAX_ACK_DELAY_NS = 25_000_000;
const ACK_EVERY = 2;
const WITHIN_ANSWER_NS = 20_000;

export class Host {
  readonly #queue: Queue;
  readonly #spin: SpinEndpoint;
  readonly #transmit: (packet: Packet) => void;
  readonly #late: Timer;
  readonly #received = new Set<number>();
  #unacknowledged = 0;

  constructor(queue: Queue, spin: SpinEndpoint, transmit: (packet: Packet) => void) {
    this.#queue = queue;
    this.#spin = spin;
    this.#transmit = transmit;
    this.#late = new Timer(queue, () => this.#send(false));
  }

  /** @returns whether it is new */
  receive(packet: Packet): boolean {
    if (this.#received.has(packet.number)) return false;
    this.#received.add(packet.number);
    this.#spin.receive(packet);
    if (packet.isEliciting) this.#acknowledge();
    return true;
  }

  #acknowledge(): void {
    this.#unacknowledged++;
    if (this.#unacknowledged >= ACK_EVERY) this.#send(false);
    else if (!this.#late.isSet) this.#late.set(MAX_ACK_DELAY_NS);
  }

  /**
   * Says something, and acknowledges with it.
   * @returns the packet's number
   */
  say(): number {
    return this.#send(true);
  }

  answer({ think = 0, packets = 1 }: Requests): void {
    for (let count = 0; count < packets; count++) {
      this.#queue.at(this.#queue.now + think + count * WITHIN_ANSWER_NS, () => this.say());
    }
  }

  renewId(): void {
    this.#spin.renewId();
  }

  follow(policy: Policy): void {
    this.#spin.follow(policy);
  }

  #send(isEliciting: boolean): number {
    this.#unacknowledged = 0;
    this.#late.stop();
    const packet = this.#spin.send(isEliciting);
    this.#transmit(packet);
    return packet.number;
  }
}
