/** What is told of a cgroup: its path and what that says, short enough for a line of output. */

import type { Owner } from '../attribution/owner.js';
import { asciiText } from '../text/ascii.js';
import { partsOf } from './cgroup-parts.js';

export type CgroupNames = Pick<Owner, 'cgroup' | 'isCommonCgroup' | 'unit' | 'container' | 'pod'>;

/** As they are shown, in ASCII: a path may have 4,096 bytes, and six characters for each. */
const LONGEST = 256;
const MARK = '...';

/**
 * @param path below the root of cgroup2, of any length
 * @param believed see partsOf
 */
export function namesOf(path: string, believed: number): CgroupNames {
  const { unit, container, pod } = partsOf(path, believed);
  return {
    cgroup: bounded(path),
    unit: unit && bounded(unit),
    container: container && bounded(container),
    pod: pod && bounded(pod),
  };
}

/** As it is, where that is short; else both its ends. A copy, which keeps no longer text in memory. */
function bounded(text: string): string {
  const room = LONGEST - MARK.length;
  const isShort = text.length <= LONGEST && asciiText(text).length <= LONGEST;
  const characters = isShort ? [] : [...text];
  const head = fitting(characters, Math.ceil(room / 2));
  const tail = fitting(characters.reverse(), Math.floor(room / 2)).reverse();
  return Buffer.from(isShort ? text : [...head, MARK, ...tail].join('')).toString();
}

/** The first of them, as many as fit. */
function fitting(characters: readonly string[], room: number): string[] {
  let left = room;
  const tooMany = characters.findIndex((character) => {
    left -= asciiText(character).length;
    return left < 0;
  });
  return characters.slice(0, tooMany < 0 ? undefined : tooMany);
}
