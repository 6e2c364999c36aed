/**
 * A few connections at a time that open, talk and close as they should, with each packet written in
 * place: a hundred times cheaper than lab/kernel/packets.ts, for tests that show millions.
 */

import type { Carrier } from '../../../lab/kernel/carriers.js';
import type { Encapsulation } from '../../../lab/kernel/packets.js';
import type { Random } from '../../../lab/random.js';
import type { LinkLayer } from '../../../src/core/link-layer.js';
import { FLAG } from '../core/reading.js';
import { soundCarriers } from './hostile-carriers.js';
import {
  datagramTemplate,
  echoTemplate,
  type Scratch,
  type Template,
  template,
} from './scratch.js';
import { SIZES } from './sizes.js';

/** What a packet says. */
export interface Line {
  /** 0 is the end that opened the connection. */
  readonly sender: 0 | 1;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly tsval: number;
  readonly tsecr: number;
  readonly payload: number;
}

interface Side {
  seq: number;
  tsval: number;
}

const AT_A_TIME = 6;
const MOST_LINES = 60;
const PAYLOADS = [0, 1, 40, 200] as const;
const CLIENT_PORT = 40_000;
const SERVER_PORT = 443;

const padOptions = Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]);
const firstFragment = Buffer.from([0, 0, 0, 1, 0, 0, 0, 9]);
const authentication = Buffer.from([0, 4, ...Array(22).fill(0)]);
const AROUND_4: readonly Encapsulation[] = [
  {},
  {},
  { ipOptions: Buffer.alloc(8, 1) },
  { fragment: 0x2000 },
];
const AROUND_6: readonly Encapsulation[] = [
  {},
  {},
  { extensions: [[0, padOptions]] },
  {
    extensions: [
      [60, padOptions],
      [51, authentication],
      [44, firstFragment],
    ],
  },
];
const BLANK = { kind: 'request', id: 0, sequence: 0 } as const;
const WITHOUT_TAGS: readonly LinkLayer[] = ['ip', 'family', 'ppp', 'pppoe', 'nflog'];
const VLANS = [[], [], [0x8100], [0x88a8, 0x8100]];
const timestamp = [8, 10, 0, 0, 0, 0, 0, 0, 0, 0];
const OPTIONS = [
  [1, 1, ...timestamp],
  [1, 1, ...timestamp],
  [...timestamp, 1, 1],
  [2, 4, 5, 180, 4, 2, ...timestamp, 1, 3, 3, 7],
  [1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, ...timestamp],
];

/** Every wrapping of a connection's packets, by IP version and payload. */
export class Templates {
  readonly #all: Record<4 | 6, Template[][]>;

  /** @param within what is around IP whatever carries that: it belongs to the place */
  constructor(linkLayer: LinkLayer, within: readonly Carrier[] = []) {
    const of = (version: 4 | 6, payload: number) => {
      const around = version === 4 ? AROUND_4 : AROUND_6;
      const address = version === 4 ? '10.0.0.0' : 'fd00::';
      const end = { address, port: 0 };
      const vlans = WITHOUT_TAGS.includes(linkLayer) ? [[]] : VLANS;
      const wrappings = wrapped(linkLayer, around, within);
      return wrappings.flatMap((each) =>
        vlans.flatMap((tags) =>
          OPTIONS.map((options) =>
            template(linkLayer, [end, end], { payload, options: Buffer.from(options) }, each, tags),
          ),
        ),
      );
    };
    const all = (version: 4 | 6) => PAYLOADS.map((payload) => of(version, payload));
    this.#all = { 4: all(4), 6: all(6) };
  }

  pick(version: 4 | 6, payload: number, random: Random): Template {
    const templates = this.#all[version][PAYLOADS.indexOf(payload as 0)] ?? [];
    return templates[random.below(templates.length)] as Template;
  }
}

/** Every wrapping of an echo, by IP version. */
export function echoTemplates(
  linkLayer: LinkLayer,
  within: readonly Carrier[] = [],
): Record<4 | 6, Template[]> {
  const vlans = WITHOUT_TAGS.includes(linkLayer) ? [[]] : VLANS;
  const of = (address: string, around: readonly Encapsulation[]) =>
    wrapped(linkLayer, around, within).flatMap((each) =>
      vlans.flatMap((tags) =>
        [0, 56].map((payload) =>
          echoTemplate(linkLayer, address, { ...BLANK, payload }, each, tags),
        ),
      ),
    );
  return { 4: of('10.0.0.0', AROUND_4), 6: of('fd00::', AROUND_6) };
}

/** Every wrapping of a datagram, by the size of its payload. */
export type DatagramTemplates = Record<keyof typeof SIZES, Template[]>;

export function datagramTemplates(
  linkLayer: LinkLayer,
  within: readonly Carrier[] = [],
): Record<4 | 6, DatagramTemplates> {
  const vlans = WITHOUT_TAGS.includes(linkLayer) ? [[]] : VLANS;
  const of = (address: string, around: readonly Encapsulation[], size: number) =>
    wrapped(linkLayer, around, within).flatMap((each) =>
      vlans.map((tags) => datagramTemplate(linkLayer, address, size, each, tags)),
    );
  const all = (address: string, around: readonly Encapsulation[]): DatagramTemplates => ({
    query: of(address, around, SIZES.query),
    small: of(address, around, SIZES.small),
    full: of(address, around, SIZES.full),
  });
  return { 4: all('10.0.0.0', AROUND_4), 6: all('fd00::', AROUND_6) };
}

function wrapped(
  linkLayer: LinkLayer,
  around: readonly Encapsulation[],
  within: readonly Carrier[],
): Encapsulation[] {
  return around.flatMap((each) =>
    soundCarriers(linkLayer).map((carriers) => ({ ...each, carriers: [...carriers, ...within] })),
  );
}

/** One connection: a handshake, requests and answers, and a proper end. */
export class Conversation {
  readonly version: 4 | 6;
  readonly outward: 0 | 1;
  readonly #number: number;
  readonly #random: Random;
  readonly #sides: readonly [Side, Side];
  #left: number;
  #said = 0;
  /** What was said last, and what will be said next. */
  last: Line;
  next: Line;

  constructor(number: number, version: 4 | 6, random: Random) {
    this.#number = number;
    this.#random = random;
    this.version = version;
    this.outward = random.below(2) === 0 ? 0 : 1;
    this.#sides = [this.#side(), this.#side()];
    this.#left = 6 + random.below(MOST_LINES);
    this.last = this.next = this.#line(0, FLAG.syn, 0);
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** The next line is said. */
  advance(): void {
    this.last = this.next;
    this.#left--;
    this.#said++;
    this.next = this.#nextLine();
  }

  /** Writes what a line says into a packet of this connection. */
  write(line: Line, into: Scratch): void {
    const { tcp, tsval } = into;
    this.#writeEnds(line.sender, into);
    into.set32(tcp + 4, line.seq);
    into.set32(tcp + 8, line.ack);
    into.set8(tcp + 13, line.flags);
    into.set32(tsval, line.tsval);
    into.set32(tsval + 4, line.tsecr);
  }

  /** Both ends differ from those of all other connections. */
  #writeEnds(sender: 0 | 1, into: Scratch): void {
    const number = this.#number;
    const [width, at] = into.version === 4 ? [4, into.ip + 12] : [16, into.ip + 8];
    for (const side of [0, 1] as const) {
      const last = at + width * (side === sender ? 0 : 1) + width - 1;
      into.set8(last, side + 1);
      into.set8(last - 1, number & 255);
      into.set8(last - 2, (number >> 8) & 255);
      const port = side === 0 ? CLIENT_PORT + (number % 4) : SERVER_PORT;
      into.set16(into.tcp + (side === sender ? 0 : 2), port);
    }
  }

  #nextLine(): Line {
    const { sender } = this.last;
    if (this.#said === 1) return this.#line(1, FLAG.syn | FLAG.ack, 0);
    if (this.#said === 2) return this.#line(0, FLAG.ack, 0);
    const payload = PAYLOADS[this.#random.below(PAYLOADS.length)] as number;
    const flags = this.#left <= 2 ? FLAG.ack | FLAG.fin : FLAG.ack;
    // Mostly they take turns; on its own turn nobody answers itself.
    const next = this.#random.below(4) === 0 ? sender : sender === 0 ? 1 : 0;
    return this.#line(next, flags, payload);
  }

  #line(sender: 0 | 1, flags: number, payload: number): Line {
    const [from, to] = sender === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    // Several segments a tick, as on real clocks.
    if (this.#random.below(3) > 0) from.tsval = (from.tsval + 1 + this.#random.below(3)) >>> 0;
    const seq = from.seq;
    const length = payload + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0);
    from.seq = (from.seq + length) >>> 0;
    const acks = (flags & FLAG.ack) > 0;
    const [ack, tsecr] = acks ? [to.seq, to.tsval] : [0, 0];
    return { sender, flags, seq, ack, tsval: from.tsval, tsecr, payload };
  }

  #side(): Side {
    const random = this.#random;
    // Now and then they wrap around, and now and then they begin with 0.
    const start = () =>
      random.below(6) === 0 ? 0 : (2 ** 32 - random.below(random.below(2) ? 100 : 2 ** 32)) >>> 0;
    return { seq: start(), tsval: start() };
  }
}

export class Conversations {
  readonly #random: Random;
  readonly #living: Conversation[];
  #number = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#living = Array.from({ length: AT_A_TIME }, (_, at) => this.#begin(at));
  }

  /** One of them, over IPv4 or IPv6 as wished. Those that are over make room for others. */
  pick(version: 4 | 6): Conversation {
    const at = this.#random.below(AT_A_TIME / 2) * 2 + (version === 4 ? 0 : 1);
    const picked = this.#living[at] as Conversation;
    if (!picked.isOver) return picked;
    const fresh = this.#begin(at);
    this.#living[at] = fresh;
    return fresh;
  }

  #begin(at: number): Conversation {
    return new Conversation(this.#number++, at % 2 === 0 ? 4 : 6, this.#random);
  }
}
