/** Which TCX programs are at a hook of an interface, in the order in which they run. */
import { LITTLE } from '../core/endianness.js';
import type { Hook, Predecessor } from '../core/hooks.js';
import { KernelError } from './errors.js';
import { libbpf } from './ffi.js';
import { isOwnProgram } from './info.js';
import { claimedPrograms } from './instances.js';
import { programName } from './program-names.js';

/** enum bpf_attach_type; libbpf 1.1 has no names for them. */
export const BPF_TCX: Record<Hook, number> = { ingress: 46, egress: 47 };
/** BPF_MPROG_MAX (linux/bpf_mprog.h) */
const MOST_PROGRAMS = 64;
/** EINVAL: the kernel has no TCX. ENOENT: there is none at the hook. ENODEV: there is no such interface. */
const NONE = ['EINVAL', 'ENOENT', 'ENODEV'];
const ID_BYTES = 4;

/** Those of others in front of program `own`; all of them where that is undefined. None where it is not there. */
export function tcxBefore(index: number, hook: Hook, own?: number): Predecessor[] {
  const ids = programsAt(index, hook);
  const before = own === undefined ? ids : ids.slice(0, Math.max(0, ids.indexOf(own)));
  return before
    .map((programId) => ({ programId, name: programName(programId) }))
    .filter((program) => !isPping(program));
}

function isPping({ programId, name }: Predecessor): boolean {
  return name === '' ? claimedPrograms().has(programId) : isOwnProgram(name);
}

function programsAt(index: number, hook: Hook): number[] {
  const ids = Buffer.alloc(MOST_PROGRAMS * ID_BYTES);
  const flags = Buffer.alloc(4);
  const number = Buffer.alloc(4);
  new DataView(number.buffer, number.byteOffset).setUint32(0, MOST_PROGRAMS, LITTLE);
  const status = libbpf().bpf_prog_query(index, BPF_TCX[hook], 0, flags, ids, number);
  if (status < 0) {
    const error = new KernelError(`list what is attached to the interface's ${hook}`, -status);
    if (NONE.includes(error.name)) return [];
    throw error;
  }
  const count = new DataView(number.buffer, number.byteOffset).getUint32(0, LITTLE);
  const view = new DataView(ids.buffer, ids.byteOffset, ids.length);
  return Array.from({ length: count }, (_, place) => view.getUint32(place * ID_BYTES, LITTLE));
}
