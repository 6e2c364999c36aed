/**
 * Names that one process holds and everybody can see: abstract addresses of Unix sockets (unix(7)). They belong to the
 * network namespace, and the kernel lets go of them however the process ends.
 */
import { LITTLE } from '../core/endianness.js';
import { checkErrno, KernelError } from './errors.js';
import { errno, libc } from './ffi.js';
import { viewOf } from './rtnetlink.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
/** struct sockaddr_un (linux/un.h) */
const ADDRESS = { family: 0, path: 2, size: 110 } as const;
const EADDRINUSE = 98;

/**
 * Holds a name of the namespace that the calling thread is in.
 * @returns what lets go of it, and may be called twice; undefined where somebody else holds it
 */
export function holdName(name: string): (() => void) | undefined {
  const operation = 'hold an abstract socket name';
  const address = addressOf(name);
  const socket = checkErrno(operation, libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (libc.bind(socket, address, address.length) === 0) return once(() => libc.close(socket));
  const failure = errno();
  libc.close(socket);
  if (failure === EADDRINUSE) return undefined;
  throw new KernelError(operation, failure);
}

/** The zeros behind a name are a part of it: as Node does, by which older versions of pping hold theirs. */
function addressOf(name: string): Buffer {
  const address = Buffer.alloc(ADDRESS.size);
  viewOf(address).setUint16(ADDRESS.family, AF_UNIX, LITTLE);
  // What begins with a zero is abstract.
  address.write(name, ADDRESS.path + 1, 'latin1');
  return address;
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
