/** What is kept of each interface where there are several: what pping has seen of it, and whether it holds departures. */
import { LITTLE } from '../core/endianness.js';
import { CARRIED } from '../core/layouts.js';
import { check } from '../libbpf/errors.js';
import { libbpf } from '../libbpf/ffi.js';
import type { LoadedObject } from '../libbpf/object.js';

const CARRIED_MAP = 'carried';
const HOLDING_MAP = 'holding';
export const INTERFACE_MAPS = [CARRIED_MAP, HOLDING_MAP] as const;

/** Packets in each direction, and bytes of both. */
export interface Seen {
  readonly egress: number;
  readonly ingress: number;
  readonly bytes: number;
}

const ENOENT = 2;
const BPF_ANY = 0;

/** What is asked of them. */
export type InterfaceStore = Pick<InterfaceMaps, keyof InterfaceMaps>;

export class InterfaceMaps {
  readonly #carried: number;
  readonly #holding: number;
  readonly #cpus = check('count the CPUs', libbpf().libbpf_num_possible_cpus());
  readonly #heldBefore = new Set<number>();

  constructor(object: LoadedObject) {
    this.#carried = object.map(CARRIED_MAP).fd;
    this.#holding = object.map(HOLDING_MAP).fd;
  }

  /** Before the programs are attached there. Throws a KernelError where there is no room. */
  add(index: number): void {
    const nothing = Buffer.alloc(this.#cpus * CARRIED.size);
    const status = libbpf().bpf_map_update_elem(this.#carried, keyOf(index), nothing, BPF_ANY);
    check("make room for an interface's counters", status);
  }

  /** What pping has seen there since it was added. */
  seen(index: number): Seen {
    const values = Buffer.alloc(this.#cpus * CARRIED.size);
    const status = libbpf().bpf_map_lookup_elem(this.#carried, keyOf(index), values);
    check("read an interface's counters", status);
    return addUp(new DataView(values.buffer, values.byteOffset, values.length));
  }

  /** What was never added, too. */
  remove(index: number): void {
    remove(this.#carried, index);
    if (this.#heldBefore.delete(index)) remove(this.#holding, index);
  }

  /** Of those that were added, the ones that hold what leaves until the time that it carries. */
  setHolding(held: ReadonlySet<number>): void {
    for (const index of this.#heldBefore) {
      if (held.has(index)) continue;
      remove(this.#holding, index);
      this.#heldBefore.delete(index);
    }
    for (const index of held) {
      if (this.#heldBefore.has(index)) continue;
      const one = keyOf(1);
      const status = libbpf().bpf_map_update_elem(this.#holding, keyOf(index), one, BPF_ANY);
      check("say that an interface's departures are held", status);
      this.#heldBefore.add(index);
    }
  }
}

function remove(fd: number, index: number): void {
  const status = libbpf().bpf_map_delete_elem(fd, keyOf(index));
  if (status !== -ENOENT) check('forget an interface', status);
}

function keyOf(index: number): Buffer {
  const key = Buffer.alloc(4);
  new DataView(key.buffer, key.byteOffset).setUint32(0, index, LITTLE);
  return key;
}

function addUp(values: DataView): Seen {
  const sum = (field: number) => {
    let total = 0n;
    for (let at = 0; at < values.byteLength; at += CARRIED.size) {
      total += values.getBigUint64(at + field, LITTLE);
    }
    return Number(total);
  };
  return {
    egress: sum(CARRIED.egress),
    ingress: sum(CARRIED.ingress),
    bytes: sum(CARRIED.bytes),
  };
}
