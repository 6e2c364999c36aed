/** Many elements of a map with one system call. */
import { LITTLE } from '../core/endianness.js';
import { check } from './errors.js';
import { callAsync, libbpf, NULL, type Pointer } from './ffi.js';

const ENOENT = 2;
const ENOSPC = 28;

/** Elements of a map, to be read before the next are asked for. */
export interface Elements {
  /** Keys and values one after the other, each as large as the map has them. */
  readonly keys: Buffer;
  readonly values: Buffer;
  readonly count: number;
}

/**
 * Takes all elements out of hash map `fd`, so many at a time, each time on another thread.
 * @param portion grows where one bucket of the map has more
 */
export async function* takeElements(
  fd: number,
  keyBytes: number,
  valueBytes: number,
  portion: number,
): AsyncGenerator<Elements> {
  const keys = Buffer.alloc(portion * keyBytes);
  const values = Buffer.alloc(portion * valueBytes);
  let [from, next]: [Pointer, Pointer] = [NULL, Buffer.alloc(4)];
  for (let status = 0; status !== -ENOENT; ) {
    const count = countOf(portion);
    const take = libbpf().bpf_map_lookup_and_delete_batch;
    status = await callAsync(take, fd, from, next, keys, values, count, NULL);
    if (status === -ENOSPC) return yield* takeElements(fd, keyBytes, valueBytes, 2 * portion);
    if (status !== -ENOENT) check('read a map', status);
    yield { keys, values, count: countIn(count) };
    [from, next] = [next, Buffer.alloc(4)];
  }
}

/** Sets `count` elements of map `fd`: its keys and its values one after the other, each as large as the map has them. */
export function putElements(fd: number, keys: Buffer, values: Buffer, count: number): void {
  const status = libbpf().bpf_map_update_batch(fd, keys, values, countOf(count), NULL);
  check('fill a map', status);
}

/** Deletes `count` elements of map `fd`. Throws a KernelError at the first that is not there. */
export function deleteElements(fd: number, keys: Buffer, count: number): void {
  check('empty a map', libbpf().bpf_map_delete_batch(fd, keys, countOf(count), NULL));
}

function countIn(bytes: Buffer): number {
  return LITTLE ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

/** The kernel puts back how many it has come by. */
function countOf(count: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (LITTLE) bytes.writeUInt32LE(count);
  else bytes.writeUInt32BE(count);
  return bytes;
}
