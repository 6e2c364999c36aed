/** A few who ping, and are answered: sound packets in every wrapping, written in place. */
import type { Random } from '../../../lab/random.js';
import type { Scratch, Template } from './scratch.js';

const AT_A_TIME = 4;
const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
/** Numbers go up from here, and come round in no test. */
const FIRST_NUMBER = 20_000;
/** No connection has it in its addresses. */
const NETWORK = 0xe0;

/** Who pings: its next number. */
interface Pinger {
  next: number;
}

export class Pings {
  readonly #random: Random;
  readonly #templates: Record<4 | 6, Template[]>;
  readonly #pingers: readonly Pinger[];

  constructor(random: Random, templates: Record<4 | 6, Template[]>) {
    this.#random = random;
    this.#templates = templates;
    this.#pingers = Array.from({ length: AT_A_TIME }, () => ({ next: FIRST_NUMBER }));
  }

  /** Writes a request, mostly of the next number, or a reply, mostly to a late one. @returns where it is seen */
  write(packet: Scratch): 'egress' | 'ingress' {
    const random = this.#random;
    const version = random.below(2) === 0 ? 4 : 6;
    const templates = this.#templates[version];
    packet.load(templates[random.below(templates.length)] as Template);
    const at = random.below(AT_A_TIME);
    const pinger = this.#pingers[at] as Pinger;
    const isReply = random.below(2) === 0;
    const isNext = !isReply && random.below(8) > 0;
    const number = isNext ? ++pinger.next : pinger.next - random.below(3);
    const sender = isReply ? 1 : 0;
    writeEnds(packet, at, sender);
    packet.set8(packet.tcp, ECHO[version][isReply ? 'reply' : 'request']);
    packet.set16(packet.tcp + 4, at >> 1);
    packet.set16(packet.tcp + 6, number);
    return sender === at % 2 ? 'egress' : 'ingress';
  }
}

function writeEnds(packet: Scratch, number: number, sender: 0 | 1): void {
  const [width, at] = packet.version === 4 ? [4, packet.ip + 12] : [16, packet.ip + 8];
  for (const side of [0, 1] as const) {
    const last = at + width * (side === sender ? 0 : 1) + width - 1;
    packet.set8(last, side + 1);
    packet.set8(last - 1, number);
    packet.set8(last - 2, NETWORK);
  }
}
