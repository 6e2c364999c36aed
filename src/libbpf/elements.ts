/** Many elements of a map with one system call. */
import { LITTLE } from '../core/endianness.js';
import { check } from './errors.js';
import { libbpf, NULL } from './ffi.js';

/** Sets `count` elements of map `fd`: its keys and its values one after the other, each as large as the map has them. */
export function putElements(fd: number, keys: Buffer, values: Buffer, count: number): void {
  const status = libbpf().bpf_map_update_batch(fd, keys, values, countOf(count), NULL);
  check('fill a map', status);
}

/** Deletes `count` elements of map `fd`. Throws a KernelError at the first that is not there. */
export function deleteElements(fd: number, keys: Buffer, count: number): void {
  check('empty a map', libbpf().bpf_map_delete_batch(fd, keys, countOf(count), NULL));
}

/** The kernel puts back how many it has come by. */
function countOf(count: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (LITTLE) bytes.writeUInt32LE(count);
  else bytes.writeUInt32BE(count);
  return bytes;
}
