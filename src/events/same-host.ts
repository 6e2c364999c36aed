import { addressOrderOf } from './address-order.js';
import type { Endpoints } from './types.js';

/** Of a connection from an address to itself there is only one side. */
export function isWithinHost(endpoints: Endpoints): boolean {
  return addressOrderOf(endpoints) === 0;
}
