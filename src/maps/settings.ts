/** The global-variable maps: what the programs are told. */
import { endianness } from 'node:os';
import type { LinkLayer } from '../libbpf/interfaces.js';
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';
import type { RttType, Settings } from '../sampling/policy.js';

/** struct settings (bpf/pping.h); compared with the object's BTF by a test. */
export const SETTINGS = {
  rate: 0,
  rttRate: 8,
  burstDuration: 16,
  reportInterval: 24,
  flowTimeout: 32,
  timestampTimeout: 40,
  rttType: 48,
  burst: 52,
  handshake: 56,
  includeLocal: 60,
  spread: 64,
  size: 72,
} as const;

/** struct fixed_settings (bpf/pping.h) */
export const FIXED = {
  linkLayer: 0,
  clockFromPacket: 4,
  size: 8,
} as const;

/** enum link_layer */
export const LINK_LAYER = { ethernet: 0, ip: 1 } as const satisfies Record<LinkLayer, number>;

/** enum rtt_type */
export const RTT_TYPE = { min: 0, smoothed: 1 } as const satisfies Record<RttType, number>;

export const SETTINGS_MAP = '.data.settings';
export const FIXED_MAP = '.rodata.fixed';

const LITTLE = endianness() === 'LE';

/** What cannot change once the programs are loaded. */
export interface FixedSettings {
  readonly linkLayer: LinkLayer;
  /** For tests: time is what the packet carries. */
  readonly clockFromPacket?: boolean;
}

/** The memory of a global-variable map. */
export interface GlobalVariables {
  memory(): Buffer;
}

/** The settings of loaded programs: what is written here they see at once. */
export class SettingsMap implements GlobalVariables {
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

/** Before load(): the verifier then folds the branches away. */
export function writeFixedSettings(map: GlobalVariables, fixed: FixedSettings): void {
  const view = viewOf(map);
  view.setUint32(FIXED.linkLayer, LINK_LAYER[fixed.linkLayer], LITTLE);
  view.setUint32(FIXED.clockFromPacket, fixed.clockFromPacket ? 1 : 0, LITTLE);
}

/** At any time: each value is one aligned store, which running programs see whole. */
export function writeSettings(map: GlobalVariables, settings: Settings): void {
  const view = viewOf(map);
  const wide = (offset: number, value: bigint) => view.setBigUint64(offset, value, LITTLE);
  const narrow = (offset: number, value: number) => view.setUint32(offset, value, LITTLE);
  wide(SETTINGS.rate, settings.rate);
  wide(SETTINGS.rttRate, settings.rttRate);
  wide(SETTINGS.burstDuration, settings.burst?.duration ?? 0n);
  wide(SETTINGS.reportInterval, settings.reportInterval);
  wide(SETTINGS.flowTimeout, settings.flowTimeout);
  wide(SETTINGS.timestampTimeout, settings.timestampTimeout);
  narrow(SETTINGS.rttType, RTT_TYPE[settings.rttType]);
  narrow(SETTINGS.burst, settings.burst?.count ?? 0);
  narrow(SETTINGS.handshake, settings.handshake ? 1 : 0);
  narrow(SETTINGS.includeLocal, settings.includeLocal ? 1 : 0);
  narrow(SETTINGS.spread, settings.spread ? 1 : 0);
}

function viewOf(map: GlobalVariables): DataView {
  const memory = map.memory();
  return new DataView(memory.buffer, memory.byteOffset, memory.length);
}
