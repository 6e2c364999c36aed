// What the kernel has taken for the maps of BPF programs.
import { readFileSync } from 'node:fs';
import { check } from '../src/libbpf/errors.js';
import { libbpf, libc } from '../src/libbpf/ffi.js';
import { mapsOfProgram } from '../src/libbpf/info.js';

/**
 * In bytes, of all maps that any of the programs uses. Kernels before 6.4 count what full maps would take.
 * @param programs their descriptors
 */
export function mapMemory(programs: readonly number[]): number {
  const maps = new Set(programs.flatMap(mapsOfProgram));
  return [...maps].reduce((sum, id) => sum + memoryOf(id), 0);
}

function memoryOf(id: number): number {
  const fd = check('open a map', libbpf().bpf_map_get_fd_by_id(id));
  try {
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    return Number(/^memlock:\s*(\d+)$/m.exec(info)?.[1]);
  } finally {
    libc.close(fd);
  }
}
