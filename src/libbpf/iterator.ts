/** A BPF iterator: a program that the kernel runs for each of its objects of a kind (kernel/bpf/bpf_iter.c). */
import { read, readSync } from 'node:fs';
import { check, KernelError } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';

/** enum bpf_attach_type */
const BPF_TRACE_ITER = 28;

export class Iterator {
  readonly #link: number;
  #isClosed = false;

  /** @param program file descriptor of the program, of type iter/...; goes over all objects */
  constructor(program: number) {
    const link = libbpf().bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);
    this.#link = check('create a BPF iterator', link);
  }

  /**
   * Goes over all objects once, on other threads.
   * @param buffer for what the program writes. Where it holds a multiple of the program's records, it
   *   never gets a part of one: the kernel gathers whole ones, 8 pages of them, and copies what fits.
   * @param take gets each piece, to be read before it returns
   */
  async run(buffer: Buffer, take: (bytes: Buffer) => void): Promise<void> {
    const fd = check('start a BPF iterator', libbpf().bpf_iter_create(this.#link));
    try {
      for (let length = await readOn(fd, buffer); length !== 0; length = await readOn(fd, buffer)) {
        if (length > 0) take(buffer.subarray(0, length));
      }
    } finally {
      libc.close(fd);
    }
  }

  /** The same on this thread: for few objects. */
  runHere(buffer: Buffer, take: (bytes: Buffer) => void): void {
    const fd = check('start a BPF iterator', libbpf().bpf_iter_create(this.#link));
    try {
      for (let length = readHere(fd, buffer); length !== 0; length = readHere(fd, buffer)) {
        if (length > 0) take(buffer.subarray(0, length));
      }
    } finally {
      libc.close(fd);
    }
  }

  /** Only when none runs. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    libc.close(this.#link);
  }
}

/** @returns how many bytes; 0 at the end, -1 where it is to be asked again: after a million objects in vain */
function readOn(fd: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, length) => {
      if (!error) resolve(length);
      else if (error.code === 'EAGAIN') resolve(-1);
      else reject(new KernelError('read from a BPF iterator', -(error.errno ?? 0)));
    });
  });
}

/** As readOn(). */
function readHere(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    const { code, errno = 0 } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return -1;
    throw new KernelError('read from a BPF iterator', -errno);
  }
}
