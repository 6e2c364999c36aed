import { destOf, srcOf } from './addresses.js';
import type { Endpoints } from './types.js';

/**
 * Which of the two addresses comes first: below 0 that of src, above 0 that of dest, 0 where they are equal. Of the
 * addresses as they are, also where what stands for them is equal.
 */
export function addressOrderOf(endpoints: Endpoints): number {
  return endpoints.addressOrder ?? Buffer.compare(srcOf(endpoints), destOf(endpoints));
}
