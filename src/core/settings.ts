/** The settings where the core reads them: a global-variable map, or the memory of a replay. */
import type { Settings } from '../sampling/policy.js';
import { LITTLE } from './endianness.js';
import { type GlobalVariables, viewOf } from './global-variables.js';
import { RTT_TYPE, SETTINGS } from './layouts.js';

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
  wide(SETTINGS.minWindow, settings.minWindow);
  narrow(SETTINGS.rttType, RTT_TYPE[settings.rttType]);
  narrow(SETTINGS.burst, settings.burst?.count ?? 0);
  narrow(SETTINGS.handshake, settings.handshake ? 1 : 0);
  narrow(SETTINGS.sequence, settings.sequence ? 1 : 0);
  narrow(SETTINGS.includeLocal, settings.includeLocal ? 1 : 0);
  narrow(SETTINGS.spread, settings.spread ? 1 : 0);
}
