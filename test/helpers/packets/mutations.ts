/** Packets that nobody sent: real ones with bits, bytes and lengths changed. */

import { dns } from '../../../lab/kernel/dns-packets.js';
import type { Random } from '../../../lab/random.js';
import { echo } from './echoes.js';
import { quicTalk } from './quic-talk.js';
import { Traffic } from './traffic.js';

// See random.ts.
const { max, min } = Math;

const POOL_SEQUENCES = 100;
const POOL_PACKETS = 200;
/** One in so many is a ping, or the reply to one; of the others of DNS; of the others of QUIC. */
const RARE = 10;
/** Bytes that mean something in some header. */
const TELLING = [0, 1, 2, 4, 6, 8, 10, 0x0f, 0x40, 0x45, 0x46, 0x4f, 0x50, 0x60, 0x80, 0xf0, 0xff];
const MOST_BYTES = 1_600;

/** Where the second bytes of both addresses are, from the IP header's start. */
const SECOND_BYTES = { 4: [13, 17], 6: [12, 28] } as const;

export class Mutations {
  readonly #random: Random;
  readonly #sequences: Buffer[][];
  readonly #bytes = new Uint8Array(MOST_BYTES);
  #sequence: readonly Buffer[] = [];
  #at = 0;
  #round = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#sequences = Array.from({ length: POOL_SEQUENCES }, () => {
      const traffic = new Traffic(random);
      // Payload of TCP says nothing; its length stays in the headers. What QUIC asks is of a certain size.
      const next = () => {
        if (random.below(RARE) === 0) return echo(random).subarray(0, 200);
        if (random.below(RARE) === 0) return dns(random).subarray(0, 200);
        return random.below(RARE) === 0 ? quicTalk(random) : traffic.next().frame.subarray(0, 200);
      };
      return Array.from({ length: POOL_PACKETS }, next);
    });
  }

  /** Half of them as they were, so that what is changed meets connections. Valid until the next call. */
  next(): Uint8Array {
    const random = this.#random;
    const frame = this.#nextFrame();
    this.#bytes.set(frame);
    this.#renumber();
    let length = frame.length;
    const changes = random.below(2) === 0 ? 0 : 1 + random.below(6);
    for (let change = 0; change < changes; change++) {
      const at = random.below(min(length, 120));
      const kind = random.below(4);
      if (kind === 0) this.#bytes[at] = (this.#bytes[at] ?? 0) ^ (1 << random.below(8));
      if (kind === 1) this.#bytes[at] = TELLING[random.below(TELLING.length)] ?? 0;
      if (kind === 2) this.#bytes[at] = random.below(256);
      if (kind === 3 && random.below(3) === 0) length = max(1, at);
    }
    return this.#bytes.subarray(0, length);
  }

  #nextFrame(): Buffer {
    if (this.#at === this.#sequence.length) {
      this.#sequence = this.#sequences[this.#random.below(POOL_SEQUENCES)] ?? [];
      this.#at = 0;
      this.#round++;
    }
    return this.#sequence[this.#at++] as Buffer;
  }

  /** The same sequence again is of other connections. */
  #renumber(): void {
    const bytes = this.#bytes;
    let ip = 14;
    while (bytes[ip - 2] === 0x81 || bytes[ip - 2] === 0x88) ip += 4;
    for (const at of bytes[ip - 2] === 0x08 ? SECOND_BYTES[4] : SECOND_BYTES[6]) {
      bytes[ip + at] = this.#round & 0xff;
      bytes[ip + at - 1] = 10 + ((this.#round >> 8) & 0x3f);
    }
  }
}
