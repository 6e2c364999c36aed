/** The global-variable maps: what the programs are told. */
import type { GlobalVariables } from '../core/global-variables.js';
import { SETTINGS } from '../core/layouts.js';
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';

export const SETTINGS_MAP = '.data.settings';
export const FIXED_MAP = '.rodata.fixed';
export const FILTER_MAP = '.rodata.filter';
/** Of the object that knows of owners. */
export const OWNER_FILTER_MAP = '.data.owner_filter';

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
