/**
 * Packets made to deceive, between those of living connections: they have the tuples, sequence
 * numbers and timestamps of what was said last or will be said next, so that there is something to be
 * broken. All variants of all kinds come up, in random order, before they do so again.
 */

import { vxlan } from '../../../lab/kernel/tunnels.js';
import type { Random } from '../../../lab/random.js';
import type { LinkLayer } from '../../../src/core/link-layer.js';
import {
  type Conversation,
  Conversations,
  type DatagramTemplates,
  datagramTemplates,
  echoTemplates,
  type Line,
  Templates,
} from './conversations.js';
import { CARRIER_KINDS } from './hostile-carriers.js';
import { DATAGRAM_KINDS } from './hostile-datagrams.js';
import { IP_KINDS } from './hostile-ip.js';
import { type Kind, LINK_KINDS, type Needed } from './hostile-link.js';
import { TCP_KINDS } from './hostile-tcp.js';
import { TUNNEL_KINDS } from './hostile-tunnels.js';
import { Pings } from './pings.js';
import { Scratch, type Template } from './scratch.js';
import { Talk } from './talk.js';
import { isWrapped } from './wrappers.js';

const KINDS: readonly Kind[] = [
  ...LINK_KINDS,
  ...CARRIER_KINDS,
  ...TUNNEL_KINDS,
  ...IP_KINDS,
  ...TCP_KINDS,
  ...DATAGRAM_KINDS,
];
/** Of a catalogue's entry; the rest is the kind. */
const VARIANT_BITS = 16;
/** A kind of few variants has each of them several times: it matters what they come upon. */
const FEWEST_ENTRIES = 100;
/** Of a hundred packets, so many are hostile; of datagrams fewer, so that handshakes come to their end. */
const HOSTILE = 65;
const HOSTILE_DATAGRAMS = 40;
/** One packet in so many is a ping, or a reply to one; of the others one in so many is a datagram of QUIC or DNS. */
const PING = 24;
const DATAGRAM = 8;

// See random.ts.
const { ceil } = Math;
const Words = Uint32Array;

export interface HostileOptions {
  readonly linkLayer: LinkLayer;
  /** Also what only captures have. */
  readonly captures?: boolean;
}

/** What to show; `packet` is written anew by the next one. */
export interface Shown {
  /** What is wrong with it; undefined: a connection's own. */
  readonly kind: string | undefined;
  readonly packet: Scratch;
  readonly hook: 'egress' | 'ingress';
}

export class Hostile {
  readonly #random: Random;
  /** Plain ones, and those of connections in a tunnel. */
  readonly #all: readonly [Templates, Templates];
  #templates: Templates;
  readonly #allPings: readonly [Record<4 | 6, Template[]>, Record<4 | 6, Template[]>];
  #pings: Pings;
  readonly #allDatagrams: readonly [
    Record<4 | 6, DatagramTemplates>,
    Record<4 | 6, DatagramTemplates>,
  ];
  #talk: Talk;
  readonly #packet = new Scratch();
  readonly #catalogue: Uint32Array;
  readonly #ofDatagrams: Uint32Array;
  #conversations: Conversations;
  #at = 0;
  /** How many times all variants have come up. */
  rounds = 0;

  constructor(random: Random, { linkLayer, captures = false }: HostileOptions) {
    this.#random = random;
    this.#templates = new Templates(linkLayer);
    // What NFLOG says of the version is that of the outer IP.
    const within = linkLayer === 'nflog' ? [] : [vxlan()];
    this.#all = [this.#templates, new Templates(linkLayer, within)];
    this.#allPings = [echoTemplates(linkLayer), echoTemplates(linkLayer, within)];
    this.#pings = new Pings(random, this.#allPings[0]);
    this.#allDatagrams = [datagramTemplates(linkLayer), datagramTemplates(linkLayer, within)];
    this.#talk = new Talk(random, this.#allDatagrams[0]);
    this.#conversations = new Conversations(random);
    const fits = ({ needs, ofCaptures }: Kind) =>
      (captures || !ofCaptures) && (!needs || parts(linkLayer).includes(needs));
    this.#catalogue = catalogue((kind) => fits(kind) && !DATAGRAM_KINDS.includes(kind));
    this.#ofDatagrams = catalogue((kind) => fits(kind) && !TCP_KINDS.includes(kind));
    this.#shuffle();
  }

  /** Other connections from now on; now and then they are in a tunnel. */
  restart(): void {
    const around = this.#random.below(4) === 0 ? 1 : 0;
    this.#templates = this.#all[around];
    this.#pings = new Pings(this.#random, this.#allPings[around]);
    this.#talk = new Talk(this.#random, this.#allDatagrams[around]);
    this.#conversations = new Conversations(this.#random);
  }

  next(): Shown {
    const random = this.#random;
    if (random.below(PING) === 0) return this.#ping();
    if (random.below(DATAGRAM) === 0) return this.#datagram();
    const version = random.below(2) === 0 ? 4 : 6;
    if (random.below(100) < HOSTILE) return this.#hostile(version);
    const conversation = this.#conversations.pick(version);
    const line = conversation.next;
    conversation.advance();
    this.#write(conversation, line);
    return this.#shown(undefined, conversation, line);
  }

  #hostile(version: 4 | 6): Shown {
    const random = this.#random;
    const entry = this.#nextEntry();
    const kind = KINDS[entry >> VARIANT_BITS] as Kind;
    const conversation = this.#conversations.pick(kind.version ?? version);
    const line = random.below(3) === 0 ? conversation.last : conversation.next;
    this.#write(conversation, line);
    kind.change(this.#packet, entry & (2 ** VARIANT_BITS - 1), random);
    // Now and then two things are wrong.
    if (random.below(5) === 0) this.#another(conversation.version);
    return this.#shown(kind.name, conversation, line);
  }

  #ping(): Shown {
    const random = this.#random;
    const packet = this.#packet;
    const hook = this.#pings.write(packet);
    if (random.below(100) >= HOSTILE) return { kind: undefined, packet, hook };
    const entry = this.#catalogue[random.below(this.#catalogue.length)] as number;
    const kind = KINDS[entry >> VARIANT_BITS] as Kind;
    const fits = !TCP_KINDS.includes(kind) && (kind.version ?? packet.version) === packet.version;
    if (fits) kind.change(packet, entry & (2 ** VARIANT_BITS - 1), random);
    return { kind: fits ? `ping, ${kind.name}` : undefined, packet, hook };
  }

  #datagram(): Shown {
    const random = this.#random;
    const packet = this.#packet;
    const isHostile = random.below(100) < HOSTILE_DATAGRAMS;
    const hook = this.#talk.write(packet, isHostile);
    if (!isHostile) return { kind: undefined, packet, hook };
    const entry = this.#ofDatagrams[random.below(this.#ofDatagrams.length)] as number;
    const kind = KINDS[entry >> VARIANT_BITS] as Kind;
    const fits = (kind.version ?? packet.version) === packet.version;
    if (fits) kind.change(packet, entry & (2 ** VARIANT_BITS - 1), random);
    return { kind: fits ? `datagram, ${kind.name}` : undefined, packet, hook };
  }

  #another(version: 4 | 6): void {
    const random = this.#random;
    const entry = this.#catalogue[random.below(this.#catalogue.length)] as number;
    const kind = KINDS[entry >> VARIANT_BITS] as Kind;
    // Where the first one has left headers.
    const isWhole = this.#packet.length >= this.#packet.tcp + 20;
    if (!isWhole || (kind.version ?? version) !== version) return;
    kind.change(this.#packet, entry & (2 ** VARIANT_BITS - 1), random);
  }

  #write(conversation: Conversation, line: Line): void {
    const { version } = conversation;
    this.#packet.load(this.#templates.pick(version, line.payload, this.#random));
    conversation.write(line, this.#packet);
  }

  #shown(kind: string | undefined, { outward }: Conversation, { sender }: Line): Shown {
    return { kind, packet: this.#packet, hook: sender === outward ? 'egress' : 'ingress' };
  }

  #nextEntry(): number {
    if (this.#at === this.#catalogue.length) {
      this.#shuffle();
      this.#at = 0;
      this.rounds++;
    }
    return this.#catalogue[this.#at++] as number;
  }

  #shuffle(): void {
    const entries = this.#catalogue;
    for (let at = entries.length - 1; at > 0; at--) {
      const other = this.#random.below(at + 1);
      const entry = entries[at] as number;
      entries[at] = entries[other] as number;
      entries[other] = entry;
    }
  }
}

/** What the link layer has that a kind may need. */
function parts(linkLayer: LinkLayer): readonly Needed[] {
  if (linkLayer === 'ip') return [];
  if (linkLayer === 'family') return ['family'];
  if (linkLayer === 'nflog') return ['wrapper'];
  if (linkLayer === 'ppp' || linkLayer === 'pppoe') return ['carriers'];
  return isWrapped(linkLayer) ? ['wrapper', 'ethertype', 'carriers'] : ['ethertype', 'carriers'];
}

function catalogue(fits: (kind: Kind) => boolean): Uint32Array {
  const entries = KINDS.flatMap((kind, index) => {
    if (!fits(kind)) return [];
    const copies = ceil(FEWEST_ENTRIES / kind.variants);
    return Array.from(
      { length: copies * kind.variants },
      (_, entry) => (index << VARIANT_BITS) | (entry % kind.variants),
    );
  });
  return Words.from(entries);
}
