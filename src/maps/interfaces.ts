/** What is kept of each interface where there are several: what pping has seen of it, and whether it holds departures. */
import { LITTLE } from '../core/endianness.js';
import { CARRIED, CARRIED_SLOTS } from '../core/layouts.js';
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
  /** Of those that are counted, by index; and the other way round. */
  readonly #slots = new Map<number, number>();
  readonly #taken = new Set<number>();
  readonly #held = new Set<number>();

  constructor(object: LoadedObject) {
    this.#carried = object.map(CARRIED_MAP).fd;
    this.#holding = object.map(HOLDING_MAP).fd;
  }

  /** Before the programs are attached there. Where others have both of its slots, it is not counted. */
  add(index: number): void {
    const first = index % CARRIED_SLOTS.slots;
    const slot = [first, first ^ 1].find((each) => !this.#taken.has(each));
    if (slot === undefined) return;
    this.#fill(slot, index);
    this.#slots.set(index, slot);
    this.#taken.add(slot);
  }

  /** What pping has seen there since it was added. Undefined where it is not counted. */
  seen(index: number): Seen | undefined {
    const slot = this.#slots.get(index);
    if (slot === undefined) return undefined;
    const values = Buffer.alloc(this.#cpus * CARRIED.size);
    const status = libbpf().bpf_map_lookup_elem(this.#carried, keyOf(slot), values);
    check("read an interface's counters", status);
    return addUp(new DataView(values.buffer, values.byteOffset, values.length));
  }

  /** Once the programs are attached there no more. What was never added, too. */
  remove(index: number): void {
    const slot = this.#slots.get(index);
    if (slot !== undefined) {
      this.#fill(slot, 0);
      this.#slots.delete(index);
      this.#taken.delete(slot);
    }
    this.#release(index);
  }

  /** Of those that were added, the ones that hold what leaves until the time that it carries. */
  setHolding(held: ReadonlySet<number>): void {
    for (const index of this.#held) if (!held.has(index)) this.#release(index);
    for (const index of held) if (!this.#held.has(index)) this.#hold(index);
  }

  /** @param index of the interface; 0 for none */
  #fill(slot: number, index: number): void {
    const values = Buffer.alloc(this.#cpus * CARRIED.size);
    const view = new DataView(values.buffer, values.byteOffset, values.length);
    for (let at = 0; at < values.length; at += CARRIED.size) {
      view.setUint32(at + CARRIED.interface, index, LITTLE);
    }
    const status = libbpf().bpf_map_update_elem(this.#carried, keyOf(slot), values, BPF_ANY);
    check("set an interface's counters", status);
  }

  #hold(index: number): void {
    const anything = keyOf(1);
    // Where there are too many, their RTTs have the wait in them: none is too short.
    const status = libbpf().bpf_map_update_elem(this.#holding, keyOf(index), anything, BPF_ANY);
    if (status === 0) this.#held.add(index);
  }

  #release(index: number): void {
    if (!this.#held.delete(index)) return;
    const status = libbpf().bpf_map_delete_elem(this.#holding, keyOf(index));
    if (status !== -ENOENT) check("say that an interface's departures are not held", status);
  }
}

function keyOf(value: number): Buffer {
  const key = Buffer.alloc(4);
  new DataView(key.buffer, key.byteOffset).setUint32(0, value, LITTLE);
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
