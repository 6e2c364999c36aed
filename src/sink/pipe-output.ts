import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, WriteStream } from 'node:tty';
import { STDOUT } from '../stdio/descriptors.js';
import { unblocked } from '../stdio/unblocked.js';
import type { OnWriteError, Output } from './output.js';

interface Queued {
  readonly bytes: Buffer;
  readonly onWritten: () => void;
}

/**
 * Pipes, sockets and terminals: written when they have room. A thread that waited in a
 * write for a reader that does not read would keep the process from ending.
 */
export class PipeOutput implements Output {
  readonly fd: number;
  readonly #socket: Socket;
  /** The first is being written. All at once, Node would tell of none before all are. */
  readonly #queue: Queued[] = [];

  /** Owns `fd`; standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.fd = isatty(fd) ? fd : nonBlocking(fd);
    this.#socket = isatty(fd)
      ? unblocked(new WriteStream(fd))
      : new Socket({ fd: this.fd, readable: false, writable: true });
    this.#socket.on('error', onError);
  }

  static fits(fd: number): boolean {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket() || isatty(fd);
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#queue.push({ bytes, onWritten });
    if (this.#queue.length === 1) this.#writeFirst();
  }

  /** A pipe fails for good: its reader has gone. */
  retry(): void {}

  async close(): Promise<number> {
    if (!this.#socket.closed) {
      // Not once() of node:events, which rejects where the socket fails meanwhile; that has its listener.
      const closed = new Promise((resolve) => this.#socket.once('close', resolve));
      this.#socket.destroy();
      await closed;
    }
    return 0;
  }

  #writeFirst(): void {
    const [first] = this.#queue;
    if (!first) return;
    this.#socket.write(first.bytes, (error) => {
      // Of what destroy() cuts short, Node says that it has been written.
      if (error || this.#socket.destroyed) return;
      this.#queue.shift();
      first.onWritten();
      this.#writeFirst();
    });
  }
}

/** Opens a pipe anew where that is allowed: its flags are then ours, and not shared with other programs. */
function nonBlocking(fd: number): number {
  if (!fstatSync(fd).isFIFO()) return fd;
  try {
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    if (fd !== STDOUT) closeSync(fd);
    return own;
  } catch {
    return fd;
  }
}
