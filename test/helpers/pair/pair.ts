/**
 * Two TCPs, the path between them and a vantage point on it: connections one after the other on the same
 * ports, and a log of all that happened.
 */

import { Random } from '../../../lab/random.js';
import { FLAG } from '../core/reading.js';
import { Application } from './application.js';
import { chance } from './draw.js';
import { Host } from './host.js';
import { Log } from './log.js';
import { Stretch } from './path.js';
import type { Queue } from './queue.js';
import { lengthOf, other, type Passage, type Said, type Segment, type Side } from './segment.js';
import type { Socket } from './socket.js';
import { drawTraits, type Traits, type Wishes } from './traits.js';

const { floor } = Math;

export interface Vantage {
  readonly queue: Queue;
  /** Of the capture's clock, in ns. */
  readonly resolution: number;
  /** A packet goes by. */
  show(pair: Pair, passage: Passage): void;
}

/** When pairs begin is drawn from the first so many ns. */
const START_NS = 1_000_000_000;
/** After the last connection was to end, so long is waited for what still comes. */
const LINGER_NS = 30_000_000_000;

export class Pair {
  readonly number: number;
  readonly traits: Traits;
  readonly log: Log;
  readonly #vantage: Vantage;
  readonly #random: Random;
  readonly #hosts: readonly [Host, Host];
  /** From each side, in the order of travel; vantage points are between them. */
  readonly #ways: readonly [readonly Stretch[], readonly Stretch[]];
  readonly #application: Application;
  readonly #captureFrom: number;
  #connections = 0;

  constructor(number: number, seed: number, vantage: Vantage, wishes: Wishes = {}) {
    this.number = number;
    this.#vantage = vantage;
    const random = new Random(seed);
    this.#random = random;
    const traits = drawTraits(random, wishes);
    this.traits = traits;
    const way = () => traits.path.stretches.map((stretch) => new Stretch(random, stretch));
    this.#ways = [way(), way().reverse()];
    this.log = new Log(traits.path.stretches.length - 1);
    this.#hosts = [this.#host(0), this.#host(1)];
    const { queue } = vantage;
    this.#application = new Application(queue, random, this.#hosts, traits.mostWritten);
    const start = queue.now + random.below(START_NS);
    this.#captureFrom = traits.captureAfter > 0 ? start + traits.captureAfter : 0;
    queue.at(start, () => this.#connect());
    queue.at(start + traits.path.change.after, () => this.#changePath());
  }

  #host(side: Side): Host {
    const { queue } = this.#vantage;
    const { fastOpen, synAckData, ends } = this.traits;
    return new Host(side, ends[side], {
      queue,
      random: this.#random,
      takesFastOpen: fastOpen && chance(this.#random, 0.8),
      synAckData,
      send: (from, said, connection) => this.#send(from, said, connection),
      delivered: (at, socket, by) => this.#delivered(at, socket, by),
      opened: (at, socket) => this.#application.opened(at, socket),
      read: (at, socket, bytes) => this.#application.read(at, socket, bytes),
      ended: (at, socket) => this.#application.ended(at, socket),
    });
  }

  #connect(): void {
    const { queue } = this.#vantage;
    const connection = ++this.#connections;
    const payload = this.traits.fastOpen ? this.#random.below(1_000) : 0;
    this.#hosts[0].connect(connection, payload);
    if (this.traits.simultaneousOpen) {
      const wait = this.#random.below(2 * this.traits.path.stretches[0].delay);
      queue.at(queue.now + wait, () => {
        if (this.#hosts[1].socket?.connection !== connection) {
          this.#hosts[1].connect(connection, 0);
        }
      });
    }
    const duration = this.#application.duration();
    if (this.traits.strayResets) {
      queue.at(queue.now + this.#random.below(duration), () => this.#strayReset(connection));
    }
    queue.at(queue.now + duration, () => this.#part());
  }

  #part(): void {
    const { queue } = this.#vantage;
    const pause = this.#application.part();
    if (this.#connections < this.traits.connections) {
      queue.at(queue.now + pause, () => this.#connect());
    } else {
      queue.at(queue.now + LINGER_NS, () => {
        for (const { socket } of this.#hosts) socket?.close();
      });
    }
  }

  #changePath(): void {
    for (const stretch of this.#ways.flat()) stretch.factor = this.traits.path.change.factor;
  }

  /** From somebody who guesses. */
  #strayReset(connection: number): void {
    const side: Side = this.#random.below(2) === 0 ? 0 : 1;
    const seq = this.#random.below(2 ** 32);
    const said = { flags: FLAG.rst, seq, ack: 0, payload: 0, window: 0, tsval: 0, tsecr: 0 };
    this.#send(side, { ...said, hasTimestamp: false, isAgain: false }, connection);
  }

  #send(from: Side, said: Said, connection: number): void {
    const segment = this.#segment(from, said, connection);
    this.log.send(segment);
    this.#carry(segment, undefined, 0);
  }

  /** Over one stretch after the other, and through the vantage points between them. */
  #carry(segment: Segment, before: Passage | undefined, hop: number): void {
    const { queue } = this.#vantage;
    const way = this.#ways[segment.from];
    way[hop]?.carry(queue.now, lengthOf(segment) > 0, (time) =>
      queue.at(time, () => {
        if (hop === way.length - 1) this.#arrive(segment, before);
        else this.#carry(segment, this.#pass(segment, before, hop), hop + 1);
      }),
    );
  }

  /** Field by field: there are millions. */
  #segment(from: Side, said: Said, connection: number): Segment {
    const { queue } = this.#vantage;
    return {
      from,
      connection,
      flags: said.flags,
      seq: said.seq,
      ack: said.ack,
      payload: said.payload,
      window: said.window,
      tsval: said.tsval,
      tsecr: said.tsecr,
      hasTimestamp: said.hasTimestamp,
      isAgain: said.isAgain,
      sent: queue.now,
      order: queue.count(),
      passages: [],
    };
  }

  #pass(segment: Segment, before: Passage | undefined, hop: number): Passage {
    const { queue, resolution } = this.#vantage;
    const time = queue.now;
    const seen = floor(time / resolution) * resolution;
    const isCaptured = time >= this.#captureFrom;
    const place = segment.from === 0 ? hop : this.log.places.length - 1 - hop;
    const passage = { segment, place, before, time, seen, isCaptured, arrived: 0, arrival: 0 };
    this.log.pass(passage);
    if (isCaptured) this.#vantage.show(this, passage);
    return passage;
  }

  #arrive(segment: Segment, last: Passage | undefined): void {
    const { queue } = this.#vantage;
    const order = queue.count();
    for (let each = last; each && each.arrival === 0; each = each.before) {
      each.arrival = order;
      each.arrived = queue.now;
    }
    this.#hosts[other(segment.from)].receive(segment);
  }

  #delivered(side: Side, socket: Socket, by: Segment): void {
    const order = this.#vantage.queue.count();
    this.log.deliver(other(side), order, socket.receiving?.ack ?? 0, by);
  }
}
