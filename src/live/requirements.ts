/** What must be there before anything is loaded. Needs no libbpf to be told. */
import { accessSync, constants, existsSync } from 'node:fs';
import { Fault } from '../faults.js';
import { installed } from '../installation/installed.js';

export const OBJECT = installed('dist/bpf/tc_pping.o');
/** The same with what tells whose connection it is; it takes a kernel that describes its structs (BTF). */
export const OWNERS_OBJECT = installed('dist/bpf/tc_pping_owners.o');
/** And its ends before NAT. */
export const ORIGINALS_OBJECT = installed('dist/bpf/tc_pping_originals.o');
/** Likewise, of the walk over open files. */
export const SOCKET_OWNERS_OBJECT = installed('dist/bpf/socket_owners.o');
/** Of what stands in front of the programs where there are several network namespaces. */
export const ENTRIES_OBJECT = installed('dist/bpf/tc_entries.o');
/** The first long-term kernel that has all that is needed (docs/kernels.md). */
const OLDEST_KERNEL = [5, 15] as const;
/** From here on programs run by a system call may use maps that are not preallocated. */
const GROWING_MAPS_KERNEL = [6, 1] as const;

/** Throws a Fault where the kernel is known to lack what the programs need. */
export function requireKernel(version: string): void {
  if (isAtLeast(version, OLDEST_KERNEL)) return;
  throw new Fault(`Linux ${OLDEST_KERNEL.join('.')} or newer is needed; this is ${version}`);
}

/** Whether the maps that are swept have to be preallocated: they take all of their memory at once. */
export function needsPreallocation(version: string): boolean {
  return !isAtLeast(version, GROWING_MAPS_KERNEL);
}

/** Where the kernel says which structs and functions it has. */
export const BTF = '/sys/kernel/btf/vmlinux';

/** Why programs cannot use the kernel's types, in words; undefined where they can. */
export function missingTypes(path = BTF): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch {
    return `the kernel's BTF is missing: ${path} cannot be read`;
  }
}

/** Throws a Fault where the programs have not been built. */
export function requireObject(path: string): void {
  if (!existsSync(path)) throw new Fault(`${path} is missing; build it with: make build`);
}

export function isAtLeast(
  version: string,
  [wantedMajor, wantedMinor]: readonly [number, number],
): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
