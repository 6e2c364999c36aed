/** Memory shared with the kernel. */
import { checkErrno, KernelError } from './errors.js';
import { addressOf, errno, libc, memoryAt, NULL, type Pointer } from './ffi.js';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

export const PAGE_BYTES = libc.getpagesize();

/** One mapping of a file descriptor. */
export class Mapping {
  readonly #address: Pointer;
  readonly #size: number;
  #bytes: Buffer | undefined;

  /** Maps `size` bytes at `offset` of `fd`, shared; both in whole pages. */
  constructor(fd: number, offset: number, size: number, access: 'read' | 'read-write') {
    const protection = access === 'read' ? PROT_READ : PROT_READ | PROT_WRITE;
    this.#address = libc.mmap(NULL, size, protection, MAP_SHARED, fd, offset);
    this.#size = size;
    if (addressOf(this.#address) === MAP_FAILED) {
      throw new KernelError('map kernel memory', errno());
    }
    this.#bytes = memoryAt(this.#address, size);
  }

  /** The memory itself. Nothing may keep it beyond close(): touching it then ends the process. */
  get bytes(): Buffer {
    if (!this.#bytes) throw new Error('the mapping is closed');
    return this.#bytes;
  }

  /** May be called twice. */
  close(): void {
    if (!this.#bytes) return;
    this.#bytes = undefined;
    checkErrno('unmap kernel memory', libc.munmap(this.#address, this.#size));
  }
}
