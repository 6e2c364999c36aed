/** What is told of a cgroup: its path and what that says, short enough for a line of output. */

import type { Owner } from '../attribution/owner.js';
import { boundedName } from './bounded-name.js';
import { partsOf } from './cgroup-parts.js';

export type CgroupNames = Pick<Owner, 'cgroup' | 'isCommonCgroup' | 'unit' | 'container' | 'pod'>;

/**
 * @param path below the root of cgroup2, of any length
 * @param believed see partsOf
 */
export function namesOf(path: string, believed: number): CgroupNames {
  const { unit, container, pod } = partsOf(path, believed);
  return {
    cgroup: boundedName(path),
    unit: unit && boundedName(unit),
    container: container && boundedName(container),
    pod: pod && boundedName(pod),
  };
}
