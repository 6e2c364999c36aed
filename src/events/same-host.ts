import type { Endpoints } from './types.js';

/** Of a connection from an address to itself there is only one side. */
export function isWithinHost({ srcAddress, destAddress }: Endpoints): boolean {
  return Buffer.compare(srcAddress, destAddress) === 0;
}
