/** The global-variable maps: what the programs are told. */
import type { GlobalVariables } from '../core/global-variables.js';
import { READER_STATE, SETTINGS } from '../core/layouts.js';
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';

export const SETTINGS_MAP = '.data.settings';
export const FIXED_MAP = '.rodata.fixed';
export const FILTER_MAP = '.rodata.filter';
/** Of the object that knows of owners. */
export const OWNER_FILTER_MAP = '.data.owner_filter';

/** enum reader_state (bpf/shared/settings.h) */
export type ReaderState = keyof typeof READER_STATE;

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
  /** What the reader waits for; the program that wakes it says that it is awake. */
  set readerWaits(state: ReaderState) {
    this.#store(SETTINGS.readerWaits, READER_STATE[state]);
  }

  /** Whether what leaves is held until the time that it carries. */
  set departuresHeld(held: boolean) {
    this.#store(SETTINGS.departuresHeld, held ? 1 : 0);
  }

  /** Whether events have found no room in the ring buffer, and go to the one for when it overflows. */
  get overflows(): boolean {
    return this.#load(SETTINGS.overflows);
  }

  set overflows(overflows: boolean) {
    this.#store(SETTINGS.overflows, overflows ? 1 : 0);
  }

  #load(offset: number): boolean {
    const { buffer, byteOffset } = this.memory();
    return Atomics.load(new Int32Array(buffer, byteOffset + offset, 1), 0) !== 0;
  }

  #store(offset: number, value: number): void {
    const { buffer, byteOffset } = this.memory();
    Atomics.store(new Int32Array(buffer, byteOffset + offset, 1), 0, value);
  }
}
