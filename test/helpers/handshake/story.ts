/** Handshakes, as they pass a watcher on their path. */
import type { Random } from '../../../lab/random.js';
import { chance } from '../pair/draw.js';
import { Queue } from '../pair/queue.js';
import type { Role } from '../spin/endpoint.js';
import { Path } from '../spin/path.js';
import { Client } from './client.js';
import type { Datagram } from './datagram.js';
import { Server } from './server.js';
import type { Traits } from './traits.js';

/** A datagram at the watcher; `time` in ns. */
export interface Passage {
  readonly time: number;
  readonly datagram: Datagram;
}

/** A handshake beside the first, on the same ports and the same path. */
export interface Rival {
  readonly traits: Traits;
  /** In ns after the first one. */
  readonly begins: number;
  /** Somebody else sends what the client would: nothing that the server answers reaches who has sent it. */
  readonly isForged: boolean;
}

/**
 * In the order of time, up to where neither has anything left to send.
 * @returns the path too, which knows what it takes at least
 */
export function watchHandshake(traits: Traits, random: Random, rivals: readonly Rival[] = []) {
  const queue = new Queue(0);
  const path = new Path(traits.delays, traits.faults, random);
  const passages: Passage[] = [];
  for (const each of [{ traits, begins: 0, isForged: false }, ...rivals]) {
    const meeting = new Meeting(each, queue, (datagram, arrive) => {
      const to: Role = datagram.from === 'client' ? 'server' : 'client';
      for (const passing of path.toWatcher(datagram.from, queue.now)) {
        queue.at(passing, () => {
          passages.push({ time: passing, datagram });
          for (const arrival of path.fromWatcher(to, passing)) queue.at(arrival, () => arrive(to));
        });
      }
    });
    meeting.start(random, traits.faults.duplication);
  }
  while (queue.step());
  return { passages, path };
}

type Carry = (datagram: Datagram, arrive: (to: Role) => void) => void;

/** The two ends of one handshake. */
class Meeting {
  readonly #rival: Rival;
  readonly #queue: Queue;
  readonly #carryOnce: Carry;

  constructor(rival: Rival, queue: Queue, carryOnce: Carry) {
    this.#rival = rival;
    this.#queue = queue;
    this.#carryOnce = carryOnce;
  }

  start(random: Random, duplication: number): void {
    const { traits, begins, isForged } = this.#rival;
    const carry = (datagram: Datagram) => {
      const arrive = (to: Role) => {
        if (to === 'server' || !isForged) ends[to].receive(datagram);
      };
      this.#carryOnce(datagram, arrive);
      if (chance(random, duplication)) this.#carryOnce(datagram, arrive);
    };
    const ends = {
      client: new Client(this.#queue, traits, carry),
      server: new Server(this.#queue, traits, carry),
    };
    if (begins === 0) ends.client.start();
    else this.#queue.at(begins, () => ends.client.start());
  }
}
