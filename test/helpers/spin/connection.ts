/** A connection of QUIC, as it passes a watcher on its path. */
import type { Random } from '../../../lab/random.js';
import { Queue } from '../pair/queue.js';
import { type Packet, type Policy, type Role, SpinEndpoint } from './endpoint.js';
import { Host, type Requests, type Stream } from './host.js';
import { type Delays, type Faults, Path } from './path.js';

export interface Story {
  readonly delays: Delays;
  readonly faults?: Faults;
  /** Default: both spin. */
  readonly client?: Policy;
  readonly server?: Policy;
  readonly streams?: readonly Stream[];
  readonly requests?: Requests;
  /** When an end uses another connection id, in ns since the start. */
  readonly renewals?: readonly { readonly end: Role; readonly at: number }[];
  /** When an end spins no more, in ns since the start, and what it does instead. */
  readonly stops?: readonly { readonly end: Role; readonly at: number; readonly policy: Policy }[];
  /** How long there is something to say, in ns. */
  readonly duration: number;
  /** When it starts, in ns. */
  readonly start?: number;
}

/** A datagram at the watcher. */
export interface Passage {
  /** In ns. */
  readonly time: number;
  readonly from: Role;
  /** What is in it: packets of the handshake, or one with a short header. */
  readonly packet: Packet | 'initial' | 'serverFlight' | 'handshake';
}

export interface Watched {
  /** In the order of time. */
  readonly passages: readonly Passage[];
  /** What the path takes at least, at any time. */
  readonly path: Path;
}

/** The same story and seed give the same packets. The handshake loses nothing and is in order. */
export function watchConnection(story: Story, random: Random): Watched {
  return new Connection(story, random).watch();
}

class Connection {
  readonly #story: Story;
  readonly #path: Path;
  readonly #queue: Queue;
  readonly #passages: Passage[] = [];
  readonly #hosts: Readonly<Record<Role, Host>>;
  readonly #end: number;
  /** Numbers of packets. */
  readonly #questions = new Set<number>();

  constructor(story: Story, random: Random) {
    const { delays, faults = {}, start = 0, duration, client = 'spin', server = 'spin' } = story;
    this.#story = story;
    this.#path = new Path(delays, faults, random);
    this.#queue = new Queue(start);
    this.#end = start + duration;
    const host = (role: Role, policy: Policy) =>
      new Host(this.#queue, new SpinEndpoint(role, policy, random), (each) => this.#carry(each));
    this.#hosts = { client: host('client', client), server: host('server', server) };
  }

  watch(): Watched {
    this.#shake();
    for (const { end, at } of this.#story.renewals ?? []) {
      this.#queue.at((this.#story.start ?? 0) + at, () => this.#hosts[end].renewId());
    }
    for (const { end, at, policy } of this.#story.stops ?? []) {
      this.#queue.at((this.#story.start ?? 0) + at, () => this.#hosts[end].follow(policy));
    }
    while (this.#queue.step());
    return { passages: this.#passages, path: this.#path };
  }

  /** The client's Initial, the server's flight, the client's Handshake; with the last of them both talk. */
  #shake(): void {
    this.#shakePacket('client', 'initial', () => {
      this.#shakePacket('server', 'serverFlight', () => {
        this.#shakePacket('client', 'handshake', () => this.#talk('server'));
        this.#talk('client');
      });
    });
  }

  #shakePacket(from: Role, packet: Passage['packet'], then: () => void): void {
    const queue = this.#queue;
    queue.at(queue.now + this.#path.leastToWatcher(from, queue.now), () => {
      this.#passages.push({ time: queue.now, from, packet });
      queue.at(queue.now + this.#path.leastFromWatcher(other(from), queue.now), then);
    });
  }

  #talk(role: Role): void {
    for (const stream of this.#story.streams ?? []) {
      if (stream.from === role) this.#go(stream, this.#queue.now);
    }
    const { requests } = this.#story;
    if (role === 'client' && requests) this.#ask(requests);
  }

  #go(stream: Stream, start: number): void {
    const { gap, on = Number.POSITIVE_INFINITY, off = 0 } = stream;
    const { now } = this.#queue;
    if (now > this.#end) return;
    const isOver = now - start >= on;
    if (!isOver) this.#hosts[stream.from].say();
    // Where a pause is shorter than a gap it is over by now.
    const next = isOver ? Math.max(now, start + on + off) : now + gap;
    this.#queue.at(next, () => this.#go(stream, isOver ? next : start));
  }

  #ask(requests: Requests): void {
    if (this.#queue.now > this.#end) return;
    this.#questions.add(this.#hosts.client.say());
    this.#queue.at(this.#queue.now + requests.interval, () => this.#ask(requests));
  }

  #carry(packet: Packet): void {
    const to = other(packet.from);
    for (const passing of this.#path.toWatcher(packet.from, this.#queue.now)) {
      this.#queue.at(passing, () => {
        this.#passages.push({ time: passing, from: packet.from, packet });
        for (const arrival of this.#path.fromWatcher(to, passing)) {
          this.#queue.at(arrival, () => this.#arrive(to, packet));
        }
      });
    }
  }

  #arrive(to: Role, packet: Packet): void {
    if (!this.#hosts[to].receive(packet)) return;
    const { requests } = this.#story;
    if (to === 'server' && requests && this.#questions.has(packet.number)) {
      this.#hosts.server.answer(requests);
    }
  }
}

function other(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}
