/** Response times of DNS by the server that was asked, in bounded memory. */
import { srcOf } from '../events/addresses.js';
import type { DnsEvent } from '../events/types.js';
import { type DnsFigures, DnsRecord } from './dns.js';
import type { Peer } from './host-table.js';
import { peerKey, peerOf } from './peers.js';
import { type Memorable, Remembered } from './recently-used.js';
import { type Side, sideOf } from './sides.js';

/** A server is an address and a port: two at one address are two. On each side of the interface it is another path. */
export interface Resolver extends Peer {
  readonly side: Side;
  readonly port: number;
}

export type ResolverTotals = Resolver & DnsFigures;

/** Some of the resolvers. */
export interface ResolverRanking {
  /** The most used first. */
  readonly most: readonly ResolverTotals[];
  /** Of so many. */
  readonly size: number;
  /** So many times one was forgotten for want of room. */
  readonly forgotten: number;
}

/** As hosts that RTTs are measured to. */
const MOST_ANSWERING = 4_096;
/**
 * Of those that have never answered: whoever asks made-up addresses makes as many as they like, and must push out none
 * that answers.
 */
const MOST_SILENT = 1_024;
/** Two kilobytes of four octaves of times each, and exact to 0.2 %. */
const PART_BITS = 8;

class ResolverRecord extends DnsRecord implements Memorable {
  touched = 0;
  isForgotten = true;

  constructor(
    readonly key: string,
    readonly resolver: Resolver,
  ) {
    super(PART_BITS);
  }
}

export class Resolvers {
  readonly #answering: Remembered<ResolverRecord>;
  readonly #silent: Remembered<ResolverRecord>;

  constructor({ answering = MOST_ANSWERING, silent = MOST_SILENT } = {}) {
    this.#answering = new Remembered(answering);
    this.#silent = new Remembered(silent);
  }

  accept(event: DnsEvent): void {
    const key = resolverKey(event);
    const known = this.#answering.get(key) ?? this.#silent.get(key);
    const record = known ?? new ResolverRecord(key, resolverOf(event));
    record.accept(event);
    if (record.times.total === 0) this.#silent.touch(record);
    else this.#touchAnswering(record);
  }

  ranking(most: number): ResolverRanking {
    const all = [...this.#answering.values(), ...this.#silent.values()];
    const first = all.sort((a, b) => b.queries - a.queries).slice(0, most);
    return {
      most: first.map((record) => ({ ...record.resolver, ...record.figures() })),
      size: all.length,
      forgotten: this.#answering.forgotten + this.#silent.forgotten,
    };
  }

  /** With its first answer it leaves those that never had one. */
  #touchAnswering(record: ResolverRecord): void {
    if (this.#silent.get(record.key)) this.#silent.forget(record);
    this.#answering.touch(record);
  }
}

/** The same for the same. */
export function resolverKey(event: DnsEvent): string {
  const { ipVersion, srcPort } = event;
  return `${sideOf(event)}${String.fromCharCode(srcPort)}${peerKey(srcOf(event), ipVersion)}`;
}

/** A copy: the event is another one soon. */
export function resolverOf(event: DnsEvent): Resolver {
  const { ipVersion, srcPort: port } = event;
  return { ...peerOf(peerKey(srcOf(event), ipVersion)), side: sideOf(event), port };
}
