/** Being told that interfaces, of this network namespace or of others, too, have come, gone or changed; not which, nor how. */
import { LITTLE } from '../core/endianness.js';
import { checkErrno, KernelError } from './errors.js';
import { errno, libc } from './ffi.js';
import { AF_NETLINK, MSG_DONTWAIT, openSocket, viewOf } from './rtnetlink.js';
import { Wakeup } from './wakeup.js';

const OPERATION = 'watch for interface changes';
/** linux/rtnetlink.h */
const RTMGRP_LINK = 1;
/** struct sockaddr_nl (linux/netlink.h) */
const ADDRESS = { family: 0, groups: 8, size: 12 } as const;
/** asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/**
 * The kernel takes twice as much: some fourteen messages. One says as much as thousands, each of which would be a
 * call to take; that others were lost for want of room tells of a change, too.
 */
const ROOM_BYTES = 16_384;
/** linux/netlink.h; takes CAP_NET_BROADCAST */
const SOL_NETLINK = 270;
const NETLINK_LISTEN_ALL_NSID = 8;
const EAGAIN = 11;
/** Messages were lost for want of room. */
const ENOBUFS = 105;

/** To be made before interfaces are listed first, so that no change falls between. */
export class LinkEvents {
  /** For a Wakeup that waits for other things, too: takeChanges() then says whether it was this one. */
  readonly fd: number;
  readonly #wakeup: Wakeup;

  /**
   * Throws a KernelError where the kernel does not tell.
   * @param ofAll also of other network namespaces, as far as ours has ids for them: those that have a link to it
   */
  constructor(ofAll = false) {
    this.fd = subscribed(ofAll);
    try {
      this.#wakeup = new Wakeup(this.fd);
    } catch (error) {
      libc.close(this.fd);
      throw error;
    }
  }

  /**
   * Resolves when something has changed since it last resolved, or after `timeoutMs`, or when interrupted; with
   * whether something has changed. Many changes at once are one. Waits on another thread.
   */
  async wait(timeoutMs: number): Promise<boolean> {
    await this.#wakeup.wait(timeoutMs);
    return this.takeChanges();
  }

  /** Whether something has changed since this or wait() last said so. */
  takeChanges(): boolean {
    let hasChanged = false;
    while (takeOne(this.fd)) hasChanged = true;
    return hasChanged;
  }

  /** Ends the wait that is under way, or the next one. */
  interrupt(): void {
    this.#wakeup.interrupt();
  }

  /** Only when no wait is under way. */
  close(): void {
    this.#wakeup.close();
    libc.close(this.fd);
  }
}

/** @returns a socket that gets a message of each change */
function subscribed(ofAll: boolean): number {
  const socket = openSocket();
  try {
    set(socket, SOL_SOCKET, SO_RCVBUF, ROOM_BYTES);
    if (ofAll) set(socket, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
    const address = Buffer.alloc(ADDRESS.size);
    const view = viewOf(address);
    view.setUint16(ADDRESS.family, AF_NETLINK, LITTLE);
    view.setUint32(ADDRESS.groups, RTMGRP_LINK, LITTLE);
    checkErrno(OPERATION, libc.bind(socket, address, address.length));
    return socket;
  } catch (error) {
    libc.close(socket);
    throw error;
  }
}

function set(socket: number, level: number, option: number, value: number): void {
  const bytes = Buffer.alloc(4);
  viewOf(bytes).setInt32(0, value, LITTLE);
  checkErrno(OPERATION, libc.setsockopt(socket, level, option, bytes, bytes.length));
}

/** Takes a message, whatever it says, or that some were lost. @returns false where there is neither */
function takeOne(socket: number): boolean {
  const rest = Buffer.alloc(1);
  if (libc.recv(socket, rest, rest.length, MSG_DONTWAIT) >= 0 || errno() === ENOBUFS) return true;
  if (errno() === EAGAIN) return false;
  throw new KernelError(OPERATION, errno());
}
