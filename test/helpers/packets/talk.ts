/** A few who shake hands by QUIC and spin, and who ask resolvers: sound packets in every wrapping, written in place. */

import { questionBytes } from '../../../lab/kernel/dns-packets.js';
import {
  connectionId,
  longPacket,
  shortPacket,
  VERSION,
  versionNegotiation,
} from '../../../lab/kernel/quic-packets.js';
import type { Random } from '../../../lab/random.js';
import type { DatagramTemplates } from './conversations.js';
import type { Scratch } from './scratch.js';
import { SIZES } from './sizes.js';

const AT_A_TIME = 4;
/** No connection of TCP, and no ping, has it in its addresses. */
const NETWORK = 0xd0;
const [CLIENT_PORT, QUIC, DNS] = [50_000, 443, 53];

interface Line {
  /** 0 is the client. */
  readonly sender: 0 | 1;
  readonly port: number;
  readonly bytes: Buffer;
  readonly size: keyof typeof SIZES;
}

export class Talk {
  readonly #random: Random;
  readonly #templates: Record<4 | 6, DatagramTemplates>;
  readonly #living: (Generator<Line, void> | undefined)[] = [];
  readonly #last: (Line | undefined)[] = [];
  #number = 0;

  constructor(random: Random, templates: Record<4 | 6, DatagramTemplates>) {
    this.#random = random;
    this.#templates = templates;
  }

  /**
   * Writes what is said next, or what was said last once more.
   *
   * @param isForeign whether it is about to be changed: then it is not what is said, which goes on as if it were not there
   * @returns where it is seen
   */
  write(packet: Scratch, isForeign: boolean): 'egress' | 'ingress' {
    const random = this.#random;
    const at = random.below(2 * AT_A_TIME);
    const version = at < AT_A_TIME ? 4 : 6;
    // What has a spin bit and comes late stands in the way of its proof: not so often that nothing is proven.
    const isAgain = isForeign || random.below(at % 4 === 0 ? 10 : 60) === 0;
    const line = (isAgain && this.#last[at]) || this.#next(at);
    this.#last[at] = line;
    const templates = this.#templates[version][line.size];
    packet.load(templates[random.below(templates.length)] as (typeof templates)[number]);
    writeEnds(packet, at, line);
    packet.bytes.fill(0, packet.tcp + 8, packet.tcp + 8 + SIZES[line.size]);
    packet.bytes.set(line.bytes, packet.tcp + 8);
    return (line.sender === 0) === (at % 2 === 0) ? 'egress' : 'ingress';
  }

  #next(at: number): Line {
    const next = this.#living[at]?.next();
    if (next && !next.done) return next.value;
    // One in four resolves names, on and on; the others have one connection after the other on the same ports.
    const talk = at % 4 === 0 ? queries(this.#random) : connection(this.#random, ++this.#number);
    this.#living[at] = talk;
    return talk.next().value as Line;
  }
}

function* queries(random: Random): Generator<Line, void> {
  const message = (id: number, isResponse: boolean) => {
    const header = Buffer.alloc(12);
    header.writeUInt16BE(id, 0);
    header[2] = isResponse ? 0x81 : 1;
    header.writeUInt16BE(1, 4);
    if (isResponse) header.writeUInt16BE(1, 6);
    return Buffer.concat([header, questionBytes(['www', 'example', 'org'], 1)]);
  };
  for (let left = 50; left > 0; left--) {
    const id = random.below(0x10000);
    const both = { port: DNS, size: 'query' } as const;
    yield { ...both, sender: 0, bytes: message(id, false) };
    yield { ...both, sender: 1, bytes: message(id, true) };
  }
}

/** A handshake, with a Retry or a negotiation at times, and then turns of the spin bit. */
function* connection(random: Random, number: number): Generator<Line, void> {
  const id = (which: number) => connectionId(8 * number + which);
  const mine = random.below(3) === 0 ? Buffer.alloc(0) : id(1);
  const [first, its, retried] = [id(0), id(2), id(3)];
  const version = random.below(4) === 0 ? VERSION.v2 : VERSION.v1;
  const long = (sender: 0 | 1, type: 'initial' | 'handshake' | 'retry', dcid: Buffer): Line => {
    const scid = sender === 0 ? mine : type === 'retry' ? retried : its;
    const size = type === 'initial' ? 'full' : 'small';
    return {
      sender,
      port: QUIC,
      size,
      bytes: longPacket({ type, version, dcid, scid, payload: 10 }),
    };
  };
  yield long(0, 'initial', first);
  if (random.below(4) === 0) {
    yield long(1, 'retry', mine);
    yield long(0, 'initial', retried);
  } else if (random.below(8) === 0) {
    const bytes = versionNegotiation({ dcid: mine, scid: first });
    yield { sender: 1, port: QUIC, size: 'small', bytes };
    return;
  }
  yield long(1, 'initial', mine);
  yield long(1, 'handshake', mine);
  if (random.below(2) === 0) yield long(0, 'initial', its);
  yield long(0, 'handshake', its);
  for (let turn = random.below(400); turn > 0; turn--) {
    const bytes = (dcid: Buffer) => shortPacket({ dcid, spin: turn % 2 === 0 ? 0 : 1 });
    yield { sender: 0, port: QUIC, size: 'small', bytes: bytes(its) };
    yield { sender: 1, port: QUIC, size: 'small', bytes: bytes(mine) };
  }
}

function writeEnds(packet: Scratch, number: number, { sender, port }: Line): void {
  const [width, at] = packet.version === 4 ? [4, packet.ip + 12] : [16, packet.ip + 8];
  for (const side of [0, 1] as const) {
    const last = at + width * (side === sender ? 0 : 1) + width - 1;
    packet.set8(last, side + 1);
    packet.set8(last - 1, number);
    packet.set8(last - 2, NETWORK);
    packet.set16(packet.tcp + (side === sender ? 0 : 2), side === 0 ? CLIENT_PORT : port);
  }
}
