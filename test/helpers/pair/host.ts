/** A machine with one address and port: a socket at a time, and what is said where there is none. */

import type { Random } from '../../../lab/random.js';
import { FLAG } from '../core/reading.js';
import { start32 } from './draw.js';
import type { Queue } from './queue.js';
import { isBeyond, lengthOf, type Said, type Segment, type Side } from './segment.js';
import { Socket } from './socket.js';
import type { EndTraits } from './traits.js';

const { floor } = Math;
const MOST_BEFORE_WRAP = 20_000;

/** What a host is part of. */
export interface Surroundings {
  readonly queue: Queue;
  readonly random: Random;
  readonly takesFastOpen: boolean;
  readonly synAckData: boolean;
  send(side: Side, said: Said, connection: number): void;
  /** What `by` completed has been received, up to where the socket now acknowledges. */
  delivered(side: Side, socket: Socket, by: Segment): void;
  opened(side: Side, socket: Socket): void;
  read(side: Side, socket: Socket, bytes: number): void;
  ended(side: Side, socket: Socket): void;
}

export class Host {
  readonly side: Side;
  readonly traits: EndTraits;
  readonly queue: Queue;
  readonly random: Random;
  readonly #around: Surroundings;
  socket: Socket | undefined;

  constructor(side: Side, traits: EndTraits, around: Surroundings) {
    this.side = side;
    this.traits = traits;
    this.queue = around.queue;
    this.random = around.random;
    this.#around = around;
  }

  get tsval(): number {
    if (!this.traits.timestamps) return 0;
    return (this.traits.tsvalStart + floor(this.queue.now / this.traits.tick)) >>> 0;
  }

  /** Whatever there was before is gone, as after a crash. */
  connect(connection: number, payload: number): Socket {
    const socket = this.#replace(connection);
    socket.connect(payload);
    return socket;
  }

  receive(s: Segment): void {
    const { socket } = this;
    const isSyn = (s.flags & (FLAG.syn | FLAG.ack | FLAG.rst)) === FLAG.syn;
    const isGone = !socket || socket.state === 'closed';
    const mayReplace = isGone || (socket.state === 'timeWait' && isNewer(s, socket));
    if (isSyn && mayReplace) this.#listen(s);
    else if (isGone) this.refuse(s);
    else socket.receive(s);
  }

  /** Nobody is there for this segment. */
  refuse(s: Segment): void {
    if (s.flags & FLAG.rst) return;
    const hasAck = (s.flags & FLAG.ack) > 0;
    const reset: Said = {
      flags: hasAck ? FLAG.rst : FLAG.rst | FLAG.ack,
      seq: hasAck ? s.ack : 0,
      ack: hasAck ? 0 : (s.seq + lengthOf(s)) >>> 0,
      payload: 0,
      window: 0,
      tsval: 0,
      tsecr: 0,
      hasTimestamp: false,
      isAgain: false,
    };
    this.send(reset, s.connection);
  }

  send(said: Said, connection: number): void {
    this.#around.send(this.side, said, connection);
  }

  delivered(socket: Socket, by: Segment): void {
    this.#around.delivered(this.side, socket, by);
  }

  opened(socket: Socket): void {
    this.#around.opened(this.side, socket);
  }

  read(socket: Socket, bytes: number): void {
    this.#around.read(this.side, socket, bytes);
  }

  ended(socket: Socket): void {
    this.#around.ended(this.side, socket);
  }

  synAckPayload(): number {
    return this.#around.synAckData ? 1 + this.random.below(500) : 0;
  }

  #listen(syn: Segment): void {
    this.#replace(syn.connection).accept(syn, this.#around.takesFastOpen);
  }

  #replace(connection: number): Socket {
    this.socket?.close();
    const socket = new Socket(this, connection, start32(this.random, MOST_BEFORE_WRAP));
    this.socket = socket;
    return socket;
  }
}

/** RFC 6191: a SYN may take the place of a connection in TIME-WAIT. */
function isNewer(s: Segment, { receiving }: Socket): boolean {
  return !receiving || isBeyond(s.tsval, receiving.tsRecent) || isBeyond(s.seq, receiving.ack);
}
