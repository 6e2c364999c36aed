/** A handshake, as it passes a watcher on its path. */
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

/**
 * In the order of time, up to where neither has anything left to send.
 * @returns the path too, which knows what it takes at least
 */
export function watchHandshake(traits: Traits, random: Random) {
  const queue = new Queue(0);
  const path = new Path(traits.delays, traits.faults, random);
  const passages: Passage[] = [];
  const carryOnce = (datagram: Datagram) => {
    const to: Role = datagram.from === 'client' ? 'server' : 'client';
    for (const passing of path.toWatcher(datagram.from, queue.now)) {
      queue.at(passing, () => {
        passages.push({ time: passing, datagram });
        for (const arrival of path.fromWatcher(to, passing)) {
          queue.at(arrival, () => ends[to].receive(datagram));
        }
      });
    }
  };
  const carry = (datagram: Datagram) => {
    carryOnce(datagram);
    if (chance(random, traits.faults.duplication)) carryOnce(datagram);
  };
  const ends = {
    client: new Client(queue, traits, carry),
    server: new Server(queue, traits, carry),
  };
  ends.client.start();
  while (queue.step());
  return { passages, path };
}
