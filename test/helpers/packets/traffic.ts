/**
 * Packets of a few connections as no network would send them, and some would: reordered, lost,
 * repeated, wrapped around, closed and opened again, in every encapsulation.
 */
import {
  type Encapsulation,
  type End,
  type Segment,
  type TcpFlag,
  tcpFrame,
  timestampOption,
} from '../../../lab/kernel/packets.js';
import type { Random } from '../../../lab/random.js';

export interface Shown {
  readonly hook: 'egress' | 'ingress';
  readonly frame: Buffer;
  /** Nanoseconds since the one before. */
  readonly gap: bigint;
  readonly segments: number;
}

const MICROSECOND = 1_000;
const MILLISECOND = 1_000_000;
const SECOND = 1_000_000_000;
/** One in so many is delivered late. */
const REORDERED = 12;
const REPEATED = 20;

const padOptions = Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]);
const firstFragment = Buffer.from([0, 0, 0, 1, 0, 0, 0, 9]);

/** What may be around an IP packet, or wrong with it. */
export const AROUND_4: readonly Encapsulation[] = [
  {},
  {},
  {},
  { vlans: [0x8100] },
  { vlans: [0x88a8, 0x8100] },
  { vlans: [0x8100, 0x8100, 0x8100], vlanIds: [0, 0, 0] },
  { vlans: Array(5).fill(0x8100) },
  { ipOptions: Buffer.alloc(8, 1) },
  { fragment: 0x2000 },
  { fragment: 0x0005 },
  { padding: 6 },
  { protocol: 17 },
  { toThisHost: true },
];
export const AROUND_6: readonly Encapsulation[] = [
  {},
  {},
  { vlans: [0x8100] },
  { extensions: [[0, padOptions]] },
  {
    extensions: [
      [0, padOptions],
      [60, padOptions],
      [44, firstFragment],
    ],
  },
  { extensions: [[44, Buffer.from([0, 0, 0, 8, 0, 0, 0, 9])]] },
  { extensions: [[59, padOptions]] },
];

const NOP = Buffer.from([1]);
const END = Buffer.from([0]);
const SACK = Buffer.from([5, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
/** Options of a segment without any. */
const WITHOUT = { options: Buffer.alloc(0) };
const MSS = Buffer.from([2, 4, 5, 180]);
const UNKNOWN = Buffer.from([253, 3, 7]);
const TOO_SHORT = Buffer.from([30, 1]);
const TOO_LONG = Buffer.from([30, 200]);

/** One end of a connection: what it has sent, and what it has seen. */
interface Side {
  readonly end: End;
  seq: number;
  tsval: number;
  /** Of the peer. */
  seen: number[];
  acked: number;
}

interface Connection {
  readonly sides: readonly [Side, Side];
  /** What it begins with: a handshake, mostly. */
  readonly opening: TcpFlag[][];
  readonly around: readonly Encapsulation[];
  readonly outward: 'egress' | 'ingress';
  /** With TCP timestamps, as a rule. */
  readonly timestamps: boolean;
}

export class Traffic {
  readonly #random: Random;
  readonly #connections: Connection[];
  /** Frames that come later than they were sent. */
  readonly #late: Omit<Shown, 'gap'>[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#connections = Array.from({ length: 1 + random.below(4) }, (_, index) =>
      this.#connection(index),
    );
  }

  next(): Shown {
    return { ...this.#frame(), gap: this.#gap() };
  }

  #frame(): Omit<Shown, 'gap'> {
    const random = this.#random;
    const late = this.#late.length > 0 && random.below(3) === 0 ? this.#late.shift() : undefined;
    if (late) return late;
    const shown = this.#segment(this.#pick(this.#connections));
    if (random.below(REPEATED) === 0) this.#late.push(shown);
    if (random.below(REORDERED) > 0) return shown;
    this.#late.push(shown);
    return this.#segment(this.#pick(this.#connections));
  }

  #gap(): bigint {
    const random = this.#random;
    const scale = this.#pick([1, MICROSECOND, MILLISECOND, MILLISECOND, 50 * MILLISECOND]);
    const gap = BigInt(random.below(1_000) * scale);
    // Long enough for any timeout, and for clocks to go half around.
    return random.below(60) === 0 ? gap + BigInt(random.below(4_000)) * BigInt(SECOND) : gap;
  }

  #connection(index: number): Connection {
    const random = this.#random;
    const isV6 = random.below(3) === 0;
    const [a, b] = isV6 ? ['fd00::1', 'fd00::2'] : ['10.0.0.1', '10.0.0.2'];
    // Now and then both ends have the same port, or even the same address.
    const port = random.below(4) === 0 ? 443 : 40_000 + index;
    const client = { address: a, port };
    const server = { address: random.below(10) === 0 ? a : b, port: 443 };
    return {
      sides: [this.#side(client), this.#side(server)],
      opening: random.below(4) > 0 ? [['SYN'], ['SYN', 'ACK'], ['ACK']] : [],
      around: isV6 ? AROUND_6 : AROUND_4,
      outward: random.below(2) === 0 ? 'egress' : 'ingress',
      timestamps: random.below(4) > 0,
    };
  }

  #side(end: End): Side {
    const random = this.#random;
    const near = (wrap: boolean) => (wrap ? 2 ** 32 - random.below(2_000) : random.below(2 ** 32));
    return {
      end,
      seq: near(random.below(2) === 0) >>> 0,
      tsval: near(random.below(2) === 0) >>> 0,
      seen: [],
      acked: 0,
    };
  }

  #segment({ sides, opening, around, outward, timestamps }: Connection): Omit<Shown, 'gap'> {
    const random = this.#random;
    const opens = random.below(10) > 0 ? opening.shift() : undefined;
    // Of a handshake only the SYN-ACK is the server's.
    const sender = (opens ? opens.length - 1 : random.below(2)) === 1 ? 1 : 0;
    const [from, to] = [sides[sender], sides[sender === 0 ? 1 : 0]];
    from.tsval = (from.tsval + this.#step()) >>> 0;
    const flags = opens ?? this.#flags();
    const payload = flags.includes('SYN') ? 0 : this.#pick([0, 1, 100, 1_400]);
    const tsecr = from.seen.length > 0 && random.below(8) > 0 ? this.#pick(from.seen) : 0;
    const segment: Segment = {
      flags,
      payload,
      tsval: from.tsval,
      tsecr,
      seq: from.seq,
      ack: from.acked,
      ...(timestamps || random.below(20) === 0 ? this.#options(from.tsval, tsecr) : WITHOUT),
    };
    const isLost = opens === undefined && random.below(10) === 0;
    from.seq = (from.seq + payload + (flags.includes('SYN') ? 1 : 0)) >>> 0;
    if (!isLost) {
      to.seen = [from.tsval, ...to.seen.slice(0, 3)];
      to.acked = from.seq;
    }
    const inward = outward === 'egress' ? 'ingress' : 'egress';
    return {
      hook: sender === 0 ? outward : inward,
      frame: tcpFrame(from.end, to.end, segment, opens ? {} : this.#pick(around)),
      segments: random.below(10) === 0 ? random.below(40) : 0,
    };
  }

  /** By how much TSval advances: mostly a little, or not at all. */
  #step(): number {
    if (this.#random.below(40) > 0) return this.#pick([0, 0, 1, 1, 5, 20]);
    return this.#pick([-1, 1_000, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1]);
  }

  #flags(): TcpFlag[] {
    return this.#pick<TcpFlag[]>([
      ...Array<TcpFlag[]>(50).fill(['ACK']),
      ['SYN'],
      ['SYN', 'ACK'],
      ['SYN'],
      ['SYN', 'ACK'],
      ['FIN', 'ACK'],
      ['RST'],
      ['RST', 'ACK'],
      ['FIN'],
      [],
    ]);
  }

  #options(tsval: number, tsecr: number): Partial<Segment> {
    const random = this.#random;
    if (random.below(4) > 0) return {};
    const soup = [NOP, NOP, END, SACK, MSS, UNKNOWN, TOO_SHORT, TOO_LONG];
    const parts: Buffer[] = Array.from({ length: random.below(4) }, () => this.#pick(soup));
    if (random.below(5) > 0) {
      parts.splice(random.below(parts.length + 1), 0, timestampOption(tsval, tsecr));
    }
    return { options: Buffer.concat(parts).subarray(0, 40) };
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#random.below(values.length)] as Value;
  }
}
