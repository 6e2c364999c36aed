/** Hosts as people read them: by name where one is known, else by address. */
import { addressText, endpointText } from './address.js';

/** Of hosts, by their addresses as text. Nobody waits for one. */
export interface HostNames {
  /** Undefined where it has none, or none that is known by now. */
  nameOf(address: string): string | undefined;
  /** Grows whenever a name may be another than before. */
  readonly changes: number;
}

/** @param names undefined where only addresses are wanted */
export function hostText(
  address: Uint8Array,
  ipVersion: 4 | 6,
  names: HostNames | undefined,
): string {
  const text = addressText(address, ipVersion);
  return names?.nameOf(text) ?? text;
}

/** Host and port. */
export function hostEndpointText(
  address: Uint8Array,
  port: number,
  ipVersion: 4 | 6,
  names: HostNames | undefined,
): string {
  const name = names?.nameOf(addressText(address, ipVersion));
  return name === undefined ? endpointText(address, port, ipVersion) : `${name}:${port}`;
}
