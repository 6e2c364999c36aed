import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { type OnWriteError, type Output, STDOUT } from './output.js';

/**
 * Pipes and sockets: written when they have room. A thread that waited in a
 * write for a reader that does not read would keep the process from ending.
 */
export class PipeOutput implements Output {
  readonly #socket: Socket;

  /** Owns `fd`; a pipe on standard output stays open. */
  constructor(fd: number, onError: OnWriteError) {
    this.#socket = new Socket({ fd: nonBlocking(fd), readable: false, writable: true });
    this.#socket.on('error', onError);
  }

  static fits(fd: number): boolean {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  }

  write(bytes: Buffer, onWritten: () => void): void {
    this.#socket.write(bytes, (error) => {
      // Of what destroy() cuts short, Node says that it has been written.
      if (!error && !this.#socket.destroyed) onWritten();
    });
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
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
