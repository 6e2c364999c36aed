/** What is kept of each interface where there are several: what pping has seen of it, and whether it holds departures. */
import { LITTLE } from '../core/endianness.js';
import { CARRIED, CARRIED_SLOTS } from '../core/layouts.js';
import { possibleCpus } from '../libbpf/cpus.js';
import { check } from '../libbpf/errors.js';
import { libbpf } from '../libbpf/ffi.js';
import { Mapping } from '../libbpf/mapping.js';
import type { LoadedObject } from '../libbpf/object.js';

export const CARRIED_MAP = 'carried';
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

/** Entries that the map of counters needs, so that each CPU has slots of its own. */
export function carriedEntries(): number {
  return possibleCpus() * CARRIED_SLOTS.slots;
}

/** What a run does with them. */
export type InterfaceStore = Pick<InterfaceMaps, 'add' | 'seen' | 'remove' | 'setHolding'>;

export class InterfaceMaps {
  readonly #mapping: Mapping;
  readonly #cpus: number;
  readonly #holding: number;
  /** Of those that are counted, by index; and the other way round. */
  readonly #slots = new Map<number, number>();
  readonly #taken = new Set<number>();
  readonly #held = new Set<number>();

  constructor(object: LoadedObject) {
    const { fd, maxEntries } = object.map(CARRIED_MAP);
    this.#mapping = new Mapping(fd, 0, maxEntries * CARRIED.size, 'read-write');
    this.#cpus = maxEntries / CARRIED_SLOTS.slots;
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
    const view = this.#view;
    const places = this.#placesOf(slot);
    const sum = (field: number) =>
      Number(places.reduce((all, at) => all + view.getBigUint64(at + field, LITTLE), 0n));
    return {
      egress: sum(CARRIED.egress),
      ingress: sum(CARRIED.ingress),
      bytes: sum(CARRIED.bytes),
    };
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

  /** May be called twice. */
  close(): void {
    this.#mapping.close();
  }

  /** Begins anew. @param index of the interface; 0 for none */
  #fill(slot: number, index: number): void {
    const view = this.#view;
    for (const at of this.#placesOf(slot)) {
      this.#mapping.bytes.fill(0, at, at + CARRIED.size);
      view.setUint32(at + CARRIED.interface, index, LITTLE);
    }
  }

  get #view(): DataView {
    const { buffer, byteOffset, length } = this.#mapping.bytes;
    return new DataView(buffer, byteOffset, length);
  }

  /** Where each CPU has it. */
  #placesOf(slot: number): number[] {
    return Array.from(
      { length: this.#cpus },
      (_, cpu) => (cpu * CARRIED_SLOTS.slots + slot) * CARRIED.size,
    );
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
    if (status !== -ENOENT) check("mark that an interface's departures are not held", status);
  }
}

function keyOf(value: number): Buffer {
  const key = Buffer.alloc(4);
  new DataView(key.buffer, key.byteOffset).setUint32(0, value, LITTLE);
  return key;
}
