/** What must be there before anything is loaded. Needs no libbpf to be told. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault } from '../faults.js';

/** dist/bpf/tc_pping.o, seen from dist/src/live/. */
export const OBJECT = fileURLToPath(new URL('../../bpf/tc_pping.o', import.meta.url));
/** Programs run by a system call may use maps that are not preallocated. */
const OLDEST_KERNEL = [6, 1] as const;

/** Throws a Fault where the kernel is known to lack what the programs need. */
export function requireKernel(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_KERNEL;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Fault(`Linux ${oldestMajor}.${oldestMinor} or newer is needed; this is ${version}`);
}

/** Throws a Fault where the programs have not been built. */
export function requireObject(): void {
  if (!existsSync(OBJECT)) throw new Fault(`${OBJECT} is missing; build it with: make build`);
}
