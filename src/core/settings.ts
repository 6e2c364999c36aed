/** The settings where the core reads them: a global-variable map, or the memory of a replay. */
import { endianness } from 'node:os';
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
  readerWaits: 68,
  departuresHeld: 72,
  size: 80,
} as const;

/** enum rtt_type */
export const RTT_TYPE = { min: 0, smoothed: 1 } as const satisfies Record<RttType, number>;

const LITTLE = endianness() === 'LE';

/** The memory of a global variable. */
export interface GlobalVariables {
  memory(): Buffer;
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

export function viewOf(map: GlobalVariables): DataView {
  const memory = map.memory();
  return new DataView(memory.buffer, memory.byteOffset, memory.length);
}
