/** Addresses that are only looked at: valid as long as the event is. */
import type { Endpoints } from './types.js';

export function srcOf(event: Endpoints): Uint8Array {
  return event.srcAddressInPlace ?? event.srcAddress;
}

export function destOf(event: Endpoints): Uint8Array {
  return event.destAddressInPlace ?? event.destAddress;
}
