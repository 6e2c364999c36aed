/** One end of a connection, as far as the spin bit goes: RFC 9000, 17.4, written anew. */
import type { Random } from '../../../lab/random.js';

export type Role = 'client' | 'server';

/** What an end does with its spin bit: spins, or by one of the ways not to that the RFC leaves to it. */
export type Policy = 'spin' | 'zero' | 'one' | 'randomPacket' | 'randomConnection';

/** What of a packet with a short header matters here. */
export interface Packet {
  readonly from: Role;
  readonly number: number;
  readonly spin: 0 | 1;
  /** How many times the value has turned over at the client; of a server's packet, that of what it reflects. */
  readonly wave: number;
  /** How many connection ids its sender has used up before the one in it. */
  readonly id: number;
  readonly isEliciting: boolean;
}

export class SpinEndpoint {
  readonly role: Role;
  #policy: Policy;
  readonly #random: Random;
  readonly #constant: 0 | 1;
  #value: 0 | 1 = 0;
  #wave = 0;
  #next = 0;
  #highest = -1;
  #id = 0;

  constructor(role: Role, policy: Policy, random: Random) {
    this.role = role;
    this.#policy = policy;
    this.#random = random;
    this.#constant = this.#draw();
  }

  send(isEliciting: boolean): Packet {
    return {
      from: this.role,
      number: this.#next++,
      spin: this.#bit(),
      wave: this.#wave,
      id: this.#id,
      isEliciting,
    };
  }

  /** Only what has the highest number so far counts. */
  receive({ number, spin, wave }: Packet): void {
    if (number <= this.#highest) return;
    this.#highest = number;
    const value = this.role === 'server' ? spin : spin === 0 ? 1 : 0;
    if (value === this.#value) return;
    this.#value = value;
    this.#wave = this.role === 'server' ? wave : this.#wave + 1;
  }

  /** Uses another connection id from now on: then the value is 0 again. */
  renewId(): void {
    this.#id++;
    this.#value = 0;
  }

  follow(policy: Policy): void {
    this.#policy = policy;
  }

  #bit(): 0 | 1 {
    if (this.#policy === 'spin') return this.#value;
    if (this.#policy === 'zero') return 0;
    if (this.#policy === 'one') return 1;
    return this.#policy === 'randomPacket' ? this.#draw() : this.#constant;
  }

  #draw(): 0 | 1 {
    return this.#random.below(2) as 0 | 1;
  }
}
