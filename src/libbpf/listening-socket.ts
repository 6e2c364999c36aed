/** A TCP socket that listens: opened in the network namespace that this thread is in, where it stays. */
import { LITTLE } from '../core/endianness.js';
import { checkErrno, KernelError } from './errors.js';
import { errno, libc } from './ffi.js';
import { viewOf } from './rtnetlink.js';

/** sys/socket.h, netinet/in.h */
const FAMILY = { 4: 2, 6: 10 } as const;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
/** struct sockaddr_in, struct sockaddr_in6 */
const SIZE = { 4: 16, 6: 28 } as const;
const PORT_AT = 2;
const ADDRESS_AT = { 4: 4, 6: 8 } as const;
const IPV4_AT = 12;
/** Connections that wait to be accepted. */
const MOST_WAITING = 16;

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: '; another program is listening there',
  EADDRNOTAVAIL: '; this machine has no such address',
  EACCES: '; ports below 1024 need root',
};

export interface SocketAddress {
  readonly ipVersion: 4 | 6;
  /** 16 bytes, network order; IPv4 is mapped to ::ffff:a.b.c.d. */
  readonly address: Uint8Array;
  readonly port: number;
}

/**
 * @param text the address and port, for people
 * @returns its descriptor. Throws a KernelError that says why it cannot be
 */
export function listenOn(address: SocketAddress, text: string): number {
  const type = SOCK_STREAM | SOCK_CLOEXEC;
  const socket = checkErrno('open a socket', libc.socket(FAMILY[address.ipVersion], type, 0));
  const name = socketName(address);
  const one = Buffer.from(Uint32Array.of(1).buffer);
  // A run that has just ended may have left connections behind.
  libc.setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, one, one.length);
  if (libc.bind(socket, name, name.length) === 0 && libc.listen(socket, MOST_WAITING) === 0) {
    return socket;
  }
  const error = errno();
  libc.close(socket);
  throw refusal(text, error);
}

function socketName({ ipVersion, address, port }: SocketAddress): Buffer {
  const name = Buffer.alloc(SIZE[ipVersion]);
  const view = viewOf(name);
  view.setUint16(0, FAMILY[ipVersion], LITTLE);
  view.setUint16(PORT_AT, port);
  name.set(ipVersion === 4 ? address.subarray(IPV4_AT) : address, ADDRESS_AT[ipVersion]);
  return name;
}

function refusal(text: string, error: number): KernelError {
  const operation = `listen on ${text}`;
  const { name } = new KernelError(operation, error);
  return new KernelError(operation, error, HINTS[name]);
}
