/** Where all processes are that nobody has put in a cgroup of their own: with the first one. */
import { readFileSync } from 'node:fs';

const FILE = '/proc/1/cgroup';
/** Of cgroup2; the lines of version 1 have a number and names. */
const UNIFIED = /^0::(\/.*)$/m;

/**
 * The cgroup of process 1, as of the root of cgroup2: without systemd that of nearly all, with it /init.scope.
 * Undefined where it cannot be read.
 */
export function initCgroup(file = FILE): string | undefined {
  try {
    return UNIFIED.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
