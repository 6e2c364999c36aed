/** Processes that have a socket open, as a walk over all open files tells them, and which of them is its owner. */
import { LITTLE } from '../core/endianness.js';
import { SIZE, SOCKET_OWNER } from '../core/layouts.js';

const COMM_END = SOCKET_OWNER.comm + SIZE.comm;

/** The first process, which keeps sockets for others (systemd's Accept=yes) as long as they use them. */
const INIT = 1;

/** A process, as it was when it was seen. */
export interface Process {
  /** Of the process, not of a thread; as the initial PID namespace has it. */
  readonly pid: number;
  /** As in ps -o comm. Any text: what is no UTF-8 is replaced, spaces, quotes and control characters are not. */
  readonly comm: string;
}

export interface SocketProcess extends Process {
  /** The socket's. */
  readonly cookie: bigint;
  /** When the process was forked, in ns of the monotonic clock. */
  readonly started: bigint;
}

/** Reads the record at `offset`, SOCKET_OWNER.size bytes. */
export function readSocketProcess(bytes: Buffer, offset: number): SocketProcess {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, SOCKET_OWNER.size);
  const comm = bytes.subarray(offset + SOCKET_OWNER.comm, offset + COMM_END);
  const end = comm.indexOf(0);
  return {
    cookie: view.getBigUint64(SOCKET_OWNER.cookie, LITTLE),
    started: view.getBigUint64(SOCKET_OWNER.started, LITTLE),
    pid: view.getUint32(SOCKET_OWNER.pid, LITTLE),
    comm: comm.toString('utf8', 0, end < 0 ? comm.length : end),
  };
}

/**
 * Whose a socket is that both have open: not process 1 where there is another; else the one that was forked
 * first. It opened the socket, or it was handed it; who came later mostly inherited it with all that its
 * parent had open, as each child has it between fork() and exec().
 */
export function ownerOf(one: SocketProcess, other: SocketProcess): SocketProcess {
  if ((one.pid === INIT) !== (other.pid === INIT)) return one.pid === INIT ? other : one;
  return other.started < one.started ? other : one;
}
