/** Waiting for the kernel to wake the reader of a map or of a socket. */
import { writeSync } from 'node:fs';
import { Fault } from '../faults.js';
import { check, checkErrno } from './errors.js';
import { callAsync, libc } from './ffi.js';

const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
/**
 * Edge-triggered: data that is merely there does not end a wait, only a wakeup
 * does. So the wait's timeout is the reader's clock, and the kernel shortens it
 * when it must.
 */
const EPOLLET = 1 << 31;
/** struct epoll_event: 12 bytes on x86, 16 elsewhere. */
const EPOLL_EVENT_BYTES = 16;

export class Wakeup {
  readonly #epoll: number;
  readonly #interrupt: number;
  readonly #events = Buffer.alloc(EPOLL_EVENT_BYTES);
  #isClosed = false;

  /** @param fds one wait for all of them: each wait takes one of few threads */
  constructor(...fds: readonly number[]) {
    this.#epoll = checkErrno('create an epoll instance', libc.epoll_create1(EPOLL_CLOEXEC));
    this.#interrupt = checkErrno('create an eventfd', libc.eventfd(0, EFD_CLOEXEC));
    for (const fd of [...fds, this.#interrupt]) this.#watch(fd);
  }

  /** Resolves when the kernel wakes the reader, or after `timeoutMs`. Waits on another thread. */
  async wait(timeoutMs: number): Promise<void> {
    const before = performance.now();
    const status = await callAsync(libc.epoll_wait, this.#epoll, this.#events, 1, timeoutMs);
    // errno is that of another thread: EINTR is told from faults by having taken its time.
    if (status < 0 && performance.now() - before < 1) throw new Fault('cannot wait for events');
  }

  /** Ends the wait that is under way, or the next one. */
  interrupt(): void {
    if (this.#isClosed) return;
    writeSync(this.#interrupt, new BigUint64Array([1n]));
  }

  /** Only when no wait is under way. */
  close(): void {
    this.#isClosed = true;
    check('close the epoll instance', libc.close(this.#epoll));
    check('close the eventfd', libc.close(this.#interrupt));
  }

  #watch(fd: number): void {
    const event = Buffer.alloc(EPOLL_EVENT_BYTES);
    event.writeUInt32LE((EPOLLIN | EPOLLET) >>> 0);
    checkErrno('watch for events', libc.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, event));
  }
}
