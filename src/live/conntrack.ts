/** Whether BPF programs can ask the kernel what conntrack knows. Needs no libbpf to be told. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { capabilitiesIn } from './capabilities.js';
import { BTF, isAtLeast, missingTypes } from './requirements.js';

/** What bpf/kernel/nat.h calls. */
const FUNCTIONS = ['bpf_skb_ct_lookup', 'bpf_ct_release'];
/** In 5.18 they are new, and do not say yet which of a connection's tuples they have found. */
const OLDEST_KERNEL = [5, 19] as const;

/** What it goes by: BTF says which functions the kernel has, and which each module. */
export interface ConntrackPlaces {
  readonly kernel: string;
  readonly vmlinux: string;
  readonly module: string;
  readonly status: string;
}

const HERE: ConntrackPlaces = {
  kernel: release(),
  vmlinux: BTF,
  module: '/sys/kernel/btf/nf_conntrack',
  status: '/proc/self/status',
};

/**
 * What keeps programs from calling the lookup of bpf/kernel/nat.h, in words for the user; undefined where
 * nothing does. If something does, programs that would call it are not loaded.
 */
export function missingConntrackLookup(places = HERE): string | undefined {
  const { kernel, vmlinux, module, status } = places;
  if (!isAtLeast(kernel, OLDEST_KERNEL)) {
    return `Linux ${OLDEST_KERNEL.join('.')} or newer is needed; this is ${kernel}`;
  }
  const noTypes = missingTypes(vmlinux);
  if (noTypes !== undefined) return noTypes;
  if (hasFunctions(vmlinux)) return undefined;
  if (!hasFunctions(module)) {
    return 'the kernel offers no conntrack lookup to BPF programs; if nf_conntrack is a module: modprobe nf_conntrack';
  }
  if (canLookIntoModules(status)) return undefined;
  return 'with nf_conntrack as a module, root or CAP_SYS_ADMIN is needed';
}

/** Whether programs that would call it are loaded where it is missing and they never do. */
export function canLoadWithoutLookup({ status } = HERE): boolean {
  return canLookIntoModules(status);
}

/** For what the kernel itself has not, libbpf walks over all types that are loaded. Without /proc, loading tells. */
function canLookIntoModules(status: string): boolean {
  return !canRead(status) || capabilitiesIn(readFileSync(status, 'utf8')).isAdministrator;
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** BTF ends in a table of names, each between zero bytes (Documentation/bpf/btf.rst). */
function hasFunctions(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return FUNCTIONS.every((name) => bytes.includes(`\0${name}\0`));
  } catch {
    return false; // no such module, or a kernel without BTF
  }
}
