/** The global-variable maps: what the programs are told. */
import { endianness } from 'node:os';
import { LINK_LAYER, type LinkLayer } from '../core/link-layer.js';
import { type GlobalVariables, SETTINGS, viewOf } from '../core/settings.js';
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';

/** struct fixed_settings (bpf/pping.h) */
export const FIXED = {
  linkLayer: 0,
  clockFromPacket: 4,
  tickNs: 8,
  owners: 16,
  originals: 20,
  namespace: 24,
  ownerFilter: 28,
  loopback: 32,
  place: 36,
  maxFlows: 40,
  size: 48,
} as const;

export const SETTINGS_MAP = '.data.settings';
export const FIXED_MAP = '.rodata.fixed';
export const FILTER_MAP = '.rodata.filter';
/** Of the object that knows of owners. */
export const OWNER_FILTER_MAP = '.data.owner_filter';

const LITTLE = endianness() === 'LE';

/** What cannot change once the programs are loaded. */
export interface FixedSettings {
  readonly linkLayer: LinkLayer;
  /** Whether what leaves comes in again at once. */
  readonly isLoopback?: boolean;
  /** The kernel's timer tick in nanoseconds. */
  readonly tickNs: bigint;
  /** Entries of the flow map. */
  readonly maxFlows: number;
  /** The interface's number among several; 0 where there is but one. */
  readonly place?: number;
  /** For tests: time is what the packet carries, by all clocks; with a tick of 1 ns. */
  readonly clockFromPacket?: boolean;
  /** Means something only to the object that knows of owners. */
  readonly attribution?: AttributionSettings | undefined;
}

/** What is to be known of connections beyond their packets. */
export interface AttributionSettings {
  readonly owners: boolean;
  /** The ends before NAT. */
  readonly originals: boolean;
  /** The inode of the network namespace that the interface is in. */
  readonly namespace: number;
  /** Whether only some owners' connections are measured. */
  readonly isFiltered: boolean;
}

/** Variables of loaded programs: what is written here they see at once. */
export class VariablesMap implements GlobalVariables {
  readonly #mapping: Mapping;

  constructor(fd: number) {
    this.#mapping = new Mapping(fd, 0, PAGE_BYTES, 'read-write');
  }

  memory(): Buffer {
    return this.#mapping.bytes;
  }

  /** May be called twice. */
  close(): void {
    this.#mapping.close();
  }
}

/** Their settings. */
export class SettingsMap extends VariablesMap {
  /** Whether the reader sleeps, so that the next event has to wake it; the program that does takes it back. */
  set readerWaits(waits: boolean) {
    this.#store(SETTINGS.readerWaits, waits);
  }

  /** Whether what leaves is held until the time that it carries. */
  set departuresHeld(held: boolean) {
    this.#store(SETTINGS.departuresHeld, held);
  }

  #store(offset: number, value: boolean): void {
    const { buffer, byteOffset } = this.memory();
    Atomics.store(new Int32Array(buffer, byteOffset + offset, 1), 0, value ? 1 : 0);
  }
}

/** Before load(): the verifier then folds the branches away. */
export function writeFixedSettings(map: GlobalVariables, fixed: FixedSettings): void {
  const view = viewOf(map);
  view.setUint32(FIXED.linkLayer, LINK_LAYER[fixed.linkLayer], LITTLE);
  view.setUint32(FIXED.clockFromPacket, fixed.clockFromPacket ? 1 : 0, LITTLE);
  view.setBigUint64(FIXED.tickNs, fixed.tickNs, LITTLE);
  view.setUint32(FIXED.place, fixed.place ?? 0, LITTLE);
  view.setUint32(FIXED.maxFlows, fixed.maxFlows, LITTLE);
  const {
    owners = false,
    originals = false,
    namespace = 0,
    isFiltered = false,
  } = fixed.attribution ?? {};
  view.setUint32(FIXED.owners, owners ? 1 : 0, LITTLE);
  view.setUint32(FIXED.originals, originals ? 1 : 0, LITTLE);
  view.setUint32(FIXED.namespace, namespace, LITTLE);
  view.setUint32(FIXED.ownerFilter, isFiltered ? 1 : 0, LITTLE);
  view.setUint32(FIXED.loopback, fixed.isLoopback ? 1 : 0, LITTLE);
}
