/** What conntrack says of the connections that cross a router's interfaces (test/kernel/nat.c). */
import { join } from 'node:path';
import { openMapOf } from '../../../lab/attached.js';
import { byId } from '../../../lab/by-id.js';
import { end } from '../../../lab/child.js';
import { readBtf } from '../../../lab/kernel/btf.js';
import type { Namespace } from '../../../lab/netns.js';
import { repositoryRoot } from '../../../lab/places.js';
import { LITTLE } from '../../../src/core/endianness.js';
import { check } from '../../../src/libbpf/errors.js';
import { libbpf, libc } from '../../../src/libbpf/ffi.js';
import { endpointText } from '../../../src/text/address.js';
import { type Attachment, attachIn } from './attachment.js';

const OBJECT = join(repositoryRoot, 'dist/test/kernel/nat.o');
const PROGRAMS = { egress: 'nat_egress', ingress: 'nat_ingress' } as const;
const HOOKS = ['ingress', 'egress'] as const;
const STATES = ['unknown', 'known', 'disputed'] as const;

export class Lookups {
  readonly #layout = readBtf(OBJECT).structs;
  readonly #map: number;
  readonly #attachment: Attachment;
  readonly #interfaces: readonly string[];

  private constructor(attachment: Attachment, interfaces: readonly string[]) {
    this.#attachment = attachment;
    this.#interfaces = interfaces;
    this.#map = openMapOf(attachment.process.pid ?? 0, this.#size('lookup_key'));
  }

  /** Looks up whatever crosses these interfaces from now on. */
  static async start(router: Namespace, interfaces: readonly string[]): Promise<Lookups> {
    return new Lookups(await attachIn(router, OBJECT, PROGRAMS, interfaces), interfaces);
  }

  /**
   * What the lookup said of the first packet of each end at each hook, for connections from or to this
   * port, before NAT or after: `out0 egress 10.78.0.1:40000 > 10.78.0.2:80 was 10.78.1.2:40000 > 10.78.0.2:80`,
   * or `... unknown`. Sorted.
   */
  of(port: number): string[] {
    const lines: string[] = [];
    const value = Buffer.alloc(this.#size('original'));
    for (const key of this.#keys()) {
      check('read a map', libbpf().bpf_map_lookup_elem(this.#map, key, value));
      lines.push(this.#line(key, value));
    }
    return lines.filter((line) => new RegExp(`:${port}( |$)`).test(line)).sort();
  }

  /** From now on other packets are the first. */
  forget(): void {
    for (const key of this.#keys()) {
      check('empty a map', byId().bpf_map_delete_elem(this.#map, key));
    }
  }

  async close(): Promise<void> {
    libc.close(this.#map);
    await end(this.#attachment.process);
  }

  /** Nothing is taken out meanwhile, or they would begin anew. */
  #keys(): Buffer[] {
    const keys: Buffer[] = [];
    let last = Buffer.alloc(this.#size('lookup_key'), 0xff); // not in it: begins with the first
    for (;;) {
      const next = Buffer.alloc(last.length);
      if (byId().bpf_map_get_next_key(this.#map, last, next) < 0) return keys;
      keys.push(next);
      last = next;
    }
  }

  #line(key: Buffer, value: Buffer): string {
    const word = (field: string) => this.#word(key, 'lookup_key', field);
    const name = this.#interfaces[this.#attachment.indices.indexOf(word('interface'))];
    const ipVersion = key.readUInt8(this.#offset('flow_key', 'ip_version')) === 4 ? 4 : 6;
    const from = word('direction');
    const seen = this.#ends(key, 'flow_key', from, ipVersion);
    const state = STATES[this.#word(value, 'original', 'state')];
    const was = `was ${this.#ends(value, 'original', from, ipVersion)}`;
    return `${name} ${HOOKS[word('hook')]} ${seen} ${state === 'known' ? was : state}`;
  }

  /** Both structs have two addresses and two ports, in the same order. */
  #ends(bytes: Buffer, struct: string, from: number, ipVersion: 4 | 6): string {
    const text = (index: number) => {
      const address = this.#offset(struct, 'address') + 16 * index;
      const port = this.#offset(struct, 'port') + 2 * index;
      const number = LITTLE ? bytes.readUInt16LE(port) : bytes.readUInt16BE(port);
      return endpointText(bytes.subarray(address, address + 16), number, ipVersion);
    };
    return `${text(from)} > ${text(1 - from)}`;
  }

  #word(bytes: Buffer, struct: string, field: string): number {
    const at = this.#offset(struct, field);
    return LITTLE ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #offset(struct: string, field: string): number {
    const offset = this.#layout.get(struct)?.offsets[field];
    if (offset === undefined) throw new Error(`struct ${struct} has no ${field}`);
    return offset;
  }

  #size(struct: string): number {
    return this.#layout.get(struct)?.size ?? 0;
  }
}
