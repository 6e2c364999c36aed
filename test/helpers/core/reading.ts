/**
 * What a packet is, read by the standards and by what docs/measurement.md promises: a second
 * opinion on what bpf/parse/frame.h makes of it, which shares nothing with it.
 */
import { LINK_LAYER } from '../../../src/core/layouts.js';
import type { LinkLayer } from '../../../src/core/link-layer.js';
import { ipWithin } from './reading-carriers.js';
import { type Datagram, datagramIn } from './reading-datagrams.js';
import { innermost } from './reading-tunnels.js';
import { unwrap } from './unwrapping.js';

/** Why a packet cannot be used. */
export type Unreadable = 'notIp' | 'notTcp' | 'fragment' | 'malformed' | 'truncated';

/** An ICMP echo request or reply. */
export interface EchoReading {
  /** As a segment's; both have the identifier in the port's place. */
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly isReply: boolean;
  hook: Reading['hook'];
  time: number;
}

/** A message of DNS, or a datagram of QUIC. */
export interface DatagramReading extends Datagram {
  /** As a segment's. */
  readonly from: string;
  readonly to: string;
  hook: Reading['hook'];
  time: number;
}

/** What can be measured. */
export type Readable = Reading | EchoReading | DatagramReading;

/** A TCP segment. */
export interface Reading {
  /** Where it was seen, with address and port of each end, as a key. */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly payload: number;
  readonly hasTimestamp: boolean;
  readonly tsval: number;
  readonly tsecr: number;
  /** Where and when it was shown: for the one who shows it to say. */
  hook: 'egress' | 'ingress' | 'captured';
  time: number;
}

export const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

const LINK_BYTES: Partial<Record<LinkLayer, number>> = {
  ...{ ethernet: 14, cooked: 16, cookedV2: 20, ip: 0, family: 4 },
  ...{ ppp: 0, pppoe: 0 },
};
const TYPE_AT: Partial<Record<LinkLayer, number>> = { ethernet: 12, cooked: 14, cookedV2: 0 };
/** As an ethertype, where the link layer has none. */
const TYPE: Partial<Record<LinkLayer, number>> = { ppp: 0x880b, pppoe: 0x8864 };
const MOST_TAGS = 4;
const TAGS = [0x8100, 0x88a8, 0x9100];
const MOST_EXTENSIONS = 6;
const EXTENSIONS = [0, 43, 44, 51, 60];
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const TCP = 6;
const ICMP = { 4: 1, 6: 58 } as const;
const UDP = 17;
const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
const FAMILIES = [2, 10, 24, 28, 30];
const ALIGNED = 0x0101080a;

export const LINK_LAYERS = Object.keys(LINK_LAYER) as LinkLayer[];
const { fromCharCode } = String;

export function isEcho(reading: Readable): reading is EchoReading {
  return 'isReply' in reading;
}

export function isDatagram(reading: Readable): reading is DatagramReading {
  return 'says' in reading;
}

/** Whether one end has it; what echo has in its place is none. */
export function isOfPort(reading: Readable, port: number): boolean {
  return !isEcho(reading) && (reading.fromPort === port || reading.toPort === port);
}

/** A reader of one packet after the other. */
export class Reader {
  #bytes: Uint8Array = new Uint8Array();
  #wire = 0;
  /** Whether the capture holds less than there was. */
  #isCut = false;
  /** Where the packet goes on, and where IP says that it ends. */
  #at = 0;
  #end = 0;
  #place = '';
  /** Where the source's address is, and its length. */
  #source = 0;
  #width: 4 | 16 = 4;
  /** What is in a tunnel may be longer than what is there. */
  #mayBeCut = false;
  #protocol = TCP;
  readonly #tunnels: boolean;
  /** Numbers of those that are read. */
  readonly #protocols: readonly number[];

  /** @param tunnels whether they are looked into; others: whether ICMP, DNS and QUIC are read, too */
  constructor(tunnels = false, others = false) {
    this.#tunnels = tunnels;
    this.#protocols = others ? [TCP, ICMP[4], ICMP[6], UDP] : [TCP];
  }

  /** @param wire bytes that the packet had, of which `bytes` are there */
  read(bytes: Uint8Array, wire: number, link: LinkLayer): Readable | Unreadable {
    this.#isCut = bytes.length < wire;
    const { inner, place = '' } = unwrap(bytes, wire, link);
    if (inner === 'cut') return this.#cut();
    if (typeof inner === 'string') return inner;
    this.#bytes = inner.bytes;
    this.#wire = inner.wire;
    this.#at = LINK_BYTES[inner.link] as number;
    this.#place = place;
    this.#mayBeCut = false;
    const version = this.#link(inner.link);
    if (typeof version === 'string') return version;
    const start = this.#at;
    const problem = version === 4 ? this.#ipv4() : this.#ipv6();
    const found = problem ?? this.#payload(version);
    return found === 'notTcp' && this.#tunnels ? this.#within(start, version) : found;
  }

  #within(at: number, version: 4 | 6): Readable | Unreadable {
    const found = innermost({ bytes: this.#bytes, wire: this.#wire }, { at, version });
    if (found === 'cut') return this.#cut();
    if (typeof found === 'string') return 'notTcp';
    this.#at = found.at;
    this.#place += found.place;
    this.#mayBeCut = found.isCut;
    const problem = found.version === 4 ? this.#ipv4() : this.#ipv6();
    return problem ?? this.#payload(found.version);
  }

  #payload(version: 4 | 6): Readable | Unreadable {
    if (this.#protocol === UDP) return this.#datagram();
    return this.#protocol === TCP ? this.#tcp() : this.#echo(version);
  }

  #datagram(): DatagramReading | Unreadable {
    const found = datagramIn(this.#bytes, this.#at, this.#end);
    if (typeof found === 'string') return found === 'cut' ? this.#cut() : found;
    return {
      ...found,
      from: this.#place + this.#name(this.#source, found.fromPort),
      to: this.#place + this.#name(this.#source + this.#width, found.toPort),
      hook: 'captured',
      time: 0,
    };
  }

  /** @returns the IP version that the link layer promises */
  #link(link: LinkLayer): 4 | 6 | Unreadable {
    if (!this.#has(this.#at)) return this.#cut();
    if (link === 'ip' || link === 'family') {
      if (link === 'family' && !FAMILIES.includes(this.#family())) return 'notIp';
      if (!this.#has(this.#at + 1)) return this.#cut();
      const version = this.#byte(this.#at) >> 4;
      return version === 4 || version === 6 ? version : 'notIp';
    }
    if (link === 'cookedV2') this.#place += fromCharCode(this.#word(4), this.#word(6));
    let type = TYPE[link] ?? this.#word(TYPE_AT[link] as number);
    const ids: number[] = [];
    for (let tag = 0; tag < MOST_TAGS && TAGS.includes(type); tag++) {
      this.#at += 4;
      if (!this.#has(this.#at)) return this.#cut();
      type = this.#word(this.#at - 2);
      const id = this.#word(this.#at - 4) & 0xfff;
      if (id > 0) ids.push(id);
    }
    const found = ipWithin({ bytes: this.#bytes, wire: this.#wire }, this.#at, type);
    if (typeof found === 'string') return found === 'cut' ? this.#cut() : found;
    this.#at = found.at;
    ids.push(...found.ids.filter((id) => id > 0));
    if (ids.length > 0) this.#place += fromCharCode(...ids.slice(0, 1), ...ids.slice(1).slice(-1));
    if (found.isSession && link === 'cooked') this.#place += 'session';
    return found.type === 0x0800 ? 4 : 6;
  }

  /** In either byte order. */
  #family(): number {
    const big = this.#long(0);
    return big <= 0xffff ? big : this.#byte(0) + 256 * this.#byte(1) + 65_536 * this.#word(2);
  }

  #ipv4(): Unreadable | undefined {
    const start = this.#at;
    if (!this.#has(start + 20)) return this.#cut();
    const headerLength = (this.#byte(start) & 15) * 4;
    if (this.#byte(start) >> 4 !== 4 || headerLength < 20) return 'malformed';
    const length = this.#word(start + 2);
    // 0: more than 16 bits can say.
    this.#end = length === 0 ? this.#wire : start + length;
    if ((this.#end > this.#wire && !this.#mayBeCut) || this.#end < start + headerLength) {
      return 'malformed';
    }
    if ((this.#word(start + 6) & 0x1fff) > 0) return 'fragment';
    this.#protocol = this.#byte(start + 9);
    if (!this.#protocols.includes(this.#protocol)) return 'notTcp';
    this.#source = start + 12;
    this.#width = 4;
    this.#at = start + headerLength;
    return undefined;
  }

  #ipv6(): Unreadable | undefined {
    const start = this.#at;
    if (!this.#has(start + 40)) return this.#cut();
    if (this.#byte(start) >> 4 !== 6) return 'malformed';
    this.#at = start + 40;
    const payload = this.#word(start + 4);
    this.#end = payload === 0 ? this.#wire : this.#at + payload;
    if (this.#end > this.#wire && !this.#mayBeCut) return 'malformed';
    this.#source = start + 8;
    this.#width = 16;
    return this.#extensions(this.#byte(start + 6));
  }

  #extensions(first: number): Unreadable | undefined {
    let next = first;
    for (let count = 0; !this.#protocols.includes(next); count++) {
      if (!EXTENSIONS.includes(next)) return 'notTcp';
      if (count === MOST_EXTENSIONS) return 'malformed';
      // None is shorter.
      if (this.#at + 8 > this.#end) return 'malformed';
      if (!this.#has(this.#at + 8)) return this.#cut();
      if (next === FRAGMENT && this.#word(this.#at + 2) >> 3 > 0) return 'fragment';
      const length = this.#extensionLength(next);
      next = this.#byte(this.#at);
      this.#at += length;
      if (this.#at > this.#end) return 'malformed';
    }
    this.#protocol = next;
    return undefined;
  }

  #extensionLength(kind: number): number {
    const units = this.#byte(this.#at + 1);
    if (kind === FRAGMENT) return 8;
    return kind === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
  }

  #echo(version: 4 | 6): EchoReading | Unreadable {
    const start = this.#at;
    if (start + 8 > this.#end) return 'malformed';
    if (!this.#has(start + 8)) return this.#cut();
    const { request, reply } = ECHO[version];
    const type = this.#byte(start);
    const isEcho = (type === request || type === reply) && this.#byte(start + 1) === 0;
    if (!isEcho || this.#protocol !== ICMP[version]) return 'notTcp';
    const identifier = this.#word(start + 4);
    return {
      from: this.#place + this.#name(this.#source, identifier),
      to: this.#place + this.#name(this.#source + this.#width, identifier),
      sequence: this.#word(start + 6),
      isReply: type === reply,
      hook: 'captured',
      time: 0,
    };
  }

  #tcp(): Reading | Unreadable {
    const start = this.#at;
    if (start + 20 > this.#end) return 'malformed';
    if (!this.#has(start + 20)) return this.#cut();
    const options = start + 20;
    const payload = start + (this.#byte(start + 12) >> 4) * 4;
    if (payload < options || payload > this.#end) return 'malformed';
    const found = this.#timestamp(options, payload);
    if (typeof found === 'string') return found;
    const [fromPort, toPort] = [this.#word(start), this.#word(start + 2)];
    return {
      from: this.#place + this.#name(this.#source, fromPort),
      to: this.#place + this.#name(this.#source + this.#width, toPort),
      fromPort,
      toPort,
      seq: this.#long(start + 4),
      ack: this.#long(start + 8),
      flags: this.#byte(start + 13),
      payload: this.#end - payload,
      hasTimestamp: found > 0,
      tsval: found > 0 ? this.#long(found) : 0,
      tsecr: found > 0 ? this.#long(found + 4) : 0,
      hook: 'captured',
      time: 0,
    };
  }

  /** @returns where TSval is; 0 where there is none */
  #timestamp(start: number, end: number): number | Unreadable {
    // As nearly all stacks have it: what comes after it need not be there.
    if (end - start >= 12 && this.#has(start + 12) && this.#long(start) === ALIGNED) {
      return start + 4;
    }
    if (!this.#has(end)) return this.#cut();
    for (let at = start; at < end; ) {
      const kind = this.#byte(at);
      if (kind === 0) return 0;
      if (kind === 1) {
        at++;
        continue;
      }
      if (at + 1 === end) return 'malformed';
      const length = this.#byte(at + 1);
      if (length < 2 || at + length > end) return 'malformed';
      if (kind === 8) return length === 10 ? at + 2 : 'malformed';
      at += length;
    }
    return 0;
  }

  /** There is no more to read: of a capture that left it out, or of the packet. */
  #cut(): Unreadable {
    return this.#isCut ? 'truncated' : 'malformed';
  }

  #has(end: number): boolean {
    return end <= this.#bytes.length;
  }

  #byte(at: number): number {
    return this.#bytes[at] as number;
  }

  #word(at: number): number {
    return this.#byte(at) * 256 + this.#byte(at + 1);
  }

  #long(at: number): number {
    return this.#word(at) * 65_536 + this.#word(at + 2);
  }

  /** A character for each 16 bits. */
  #name(at: number, port: number): string {
    if (this.#width === 4) return fromCharCode(this.#word(at), this.#word(at + 2), port);
    const word = (index: number) => this.#word(at + 2 * index);
    return fromCharCode(
      word(0),
      word(1),
      word(2),
      word(3),
      word(4),
      word(5),
      word(6),
      word(7),
      port,
    );
  }
}
