/** What the programs of others are called. */
import { LITTLE } from '../core/endianness.js';
import { PROGRAM_NAME } from '../core/layouts.js';
import { installed } from '../installation/installed.js';
import { KernelError } from './errors.js';
import { libbpf, libc } from './ffi.js';
import { programInfo } from './info.js';
import { Iterator } from './iterator.js';
import { BpfObject } from './object.js';

const OBJECT = installed('dist/bpf/programs.o');
const PROGRAM = 'pping_programs';
const BUFFER_BYTES = 1_000 * PROGRAM_NAME.size;

/** What walks have told: ids are not used again. */
const known = new Map<number, string>();

/**
 * Of any program; empty where the kernel does not tell. To ask for it takes CAP_SYS_ADMIN; without it a walk over
 * all programs finds it, which takes a kernel with its own BTF.
 */
export function programName(id: number): string {
  const fd = libbpf().bpf_prog_get_fd_by_id(id);
  if (fd < 0) return nameByWalk(id);
  try {
    return programInfo(fd).name;
  } finally {
    libc.close(fd);
  }
}

function nameByWalk(id: number): string {
  let name = known.get(id);
  if (name !== undefined) return name;
  name = '';
  const walk = createWalk();
  try {
    walk?.runHere(Buffer.alloc(BUFFER_BYTES), (bytes) => {
      name ||= nameIn(bytes, id);
    });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  } finally {
    walk?.close();
  }
  known.set(id, name);
  return name;
}

/** The object may go: the iterator keeps its program. */
function createWalk(): Iterator | null {
  let object: BpfObject | undefined;
  try {
    object = new BpfObject(OBJECT);
    object.load([PROGRAM]);
    return new Iterator(object.program(PROGRAM));
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return null;
  } finally {
    object?.close();
  }
}

function nameIn(bytes: Buffer, id: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += PROGRAM_NAME.size) {
    if (view.getUint32(at + PROGRAM_NAME.id, LITTLE) !== id) continue;
    const name = bytes.subarray(at + PROGRAM_NAME.name, at + PROGRAM_NAME.size);
    return name.toString('latin1', 0, name.indexOf(0));
  }
  return '';
}
