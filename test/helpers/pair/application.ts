/** What the two ends of a pair say to each other, and how they part. */
import type { Random } from '../../../lab/random.js';
import { chance, pick, scaled } from './draw.js';
import type { Host } from './host.js';
import type { Queue } from './queue.js';
import { other, type Side } from './segment.js';
import type { Socket } from './socket.js';
import { MICROSECOND, MILLISECOND, SECOND } from './traits.js';

type Ending = 'finish' | 'abort' | 'vanish';

const { min } = Math;
const WRITES = 40;

export class Application {
  readonly #queue: Queue;
  readonly #random: Random;
  readonly #hosts: readonly [Host, Host];
  /** Of what one end says, whether and after what time the other answers. */
  readonly #answers: readonly [number, number];
  readonly #thinks: readonly [number, number];
  readonly #sizes: readonly [number, number];
  readonly #pause: number;
  #left = WRITES;

  constructor(queue: Queue, random: Random, hosts: readonly [Host, Host], mostWritten: number) {
    this.#queue = queue;
    this.#random = random;
    this.#hosts = hosts;
    this.#answers = [pick(random, 0, 0.5, 1), pick(random, 0, 0.5, 1)];
    const think = () =>
      pick(
        random,
        0,
        0,
        scaled(random, 10 * MICROSECOND, MILLISECOND),
        20 * MILLISECOND,
        120 * MILLISECOND,
      );
    this.#thinks = [think(), think()];
    const largest = () => min(mostWritten, pick(random, 1, 100, 1_000, 3_000, 8_000, mostWritten));
    this.#sizes = [largest(), largest()];
    this.#pause = scaled(random, 100 * MICROSECOND, 300 * MILLISECOND);
  }

  /** How long the connection goes on. */
  duration(): number {
    return scaled(this.#random, 20 * MILLISECOND, 20 * SECOND);
  }

  opened(side: Side, socket: Socket): void {
    if (side === 0) {
      this.#write(side, socket);
      this.#left = WRITES;
    }
    const speaks = side === 0 || chance(this.#random, 0.4);
    if (speaks) this.#speak(side, socket);
  }

  read(side: Side, socket: Socket, bytes: number): void {
    if (bytes === 0 || !chance(this.#random, this.#answers[side])) return;
    this.#later(this.#thinks[side], side, socket, () => this.#write(side, socket));
  }

  /** The peer has no more to say. */
  ended(side: Side, socket: Socket): void {
    const wait = pick(this.#random, 0, 0, MILLISECOND, 100 * MILLISECOND);
    this.#later(wait, side, socket, () =>
      socket.sending.write(pick(this.#random, 0, 0, 700), true),
    );
  }

  /** @returns how long it may take until the ports are used again */
  part(): number {
    const random = this.#random;
    const side: Side = random.below(3) === 0 ? 1 : 0;
    const ending = pick<Ending>(random, 'finish', 'finish', 'finish', 'abort', 'vanish');
    this.#end(side, ending);
    if (ending === 'finish' && chance(random, 0.1)) this.#end(other(side), 'finish');
    return pick(random, 0, 0, scaled(random, 10 * MICROSECOND, SECOND), 3 * SECOND);
  }

  #end(side: Side, ending: Ending): void {
    const { socket } = this.#hosts[side];
    if (!socket) return;
    if (ending === 'abort') socket.abort();
    else if (ending === 'vanish') socket.close();
    else socket.sending.write(pick(this.#random, 0, 300), true);
  }

  /** Speaks of its own accord, now and then. */
  #speak(side: Side, socket: Socket): void {
    const pause = chance(this.#random, 0.05) ? 2 * SECOND : this.#random.below(2 * this.#pause);
    this.#later(pause, side, socket, () => {
      this.#write(side, socket);
      this.#speak(side, socket);
    });
  }

  #write(side: Side, socket: Socket): void {
    if (this.#left-- > 0) socket.sending.write(1 + this.#random.below(this.#sizes[side]));
  }

  #later(wait: number, side: Side, socket: Socket, run: () => void): void {
    this.#queue.at(this.#queue.now + wait, () => {
      if (this.#hosts[side].socket === socket && socket.state !== 'closed' && this.#left > 0) run();
    });
  }
}
