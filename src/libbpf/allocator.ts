/** The C library's allocator, where buffers have their memory from. */
import { libc } from './ffi.js';

/** malloc.h */
const M_MMAP_THRESHOLD = -3;
/** glibc's own, at first. */
const LARGE_BYTES = 128 << 10;

/**
 * From now on, blocks of 128 KiB and more go back to the system when they are freed. Of itself glibc raises
 * that bound to the largest it has seen freed, and takes the next ones from its heap, where a small
 * block that stays keeps all below it: what an output once held up would stay resident for good.
 */
export function giveBackLargeBlocks(): void {
  libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}
