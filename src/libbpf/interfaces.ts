/** Network interfaces of this network namespace, asked of the kernel (a namespace may have no /sys of its own). */

import type { WatchedLink } from '../core/programs.js';
import { UsageError } from '../faults.js';
import { checkErrno, KernelError } from './errors.js';
import { errno, isNull, libc } from './ffi.js';
import { missingInterfaceText } from './interface-list.js';
import { isLoopbackKind, linkLayerOf } from './link-layers.js';
import { listLinks } from './links.js';

export interface Interface {
  readonly name: string;
  readonly index: number;
  readonly linkLayer: WatchedLink;
  /** Whether what leaves by it comes in again at once. */
  readonly isLoopback: boolean;
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
/** linux/sockios.h */
const SIOCGIFHWADDR = 0x8927;
const IFNAMSIZ = 16;
/** struct ifreq; the ARPHRD_ type is the address family of its hardware address. */
const IFREQ_BYTES = 40;
const ENXIO = 6;

/** Finds an interface by its name, or another name of it. Throws a UsageError where there is none, or of a kind that cannot be read. */
export function findInterface(wanted: string): Interface {
  const index = libc.if_nametoindex(wanted) || indexOfLong(wanted);
  if (index === undefined) throw new UsageError(missingInterfaceText(wanted));
  const name = interfaceName(index) ?? wanted;
  const kind = hardwareKind(name);
  return { name, index, linkLayer: requireLinkLayer(name, kind), isLoopback: isLoopbackKind(kind) };
}

/** Other names may be longer than the C library knows names to be. */
function indexOfLong(wanted: string): number | undefined {
  if (Buffer.byteLength(wanted) < IFNAMSIZ) return undefined;
  return listLinks().find(({ alternativeNames }) => alternativeNames.includes(wanted))?.index;
}

/** The name that interface `index` has now, or undefined when it is gone. Throws where that cannot be asked. */
export function interfaceName(index: number): string | undefined {
  const name = Buffer.alloc(IFNAMSIZ);
  if (isNull(libc.if_indextoname(index, name))) {
    if (errno() === ENXIO) return undefined;
    throw new KernelError("query the interface's name", errno());
  }
  return name.toString('utf8', 0, name.indexOf(0));
}

function requireLinkLayer(name: string, kind: number): WatchedLink {
  const linkLayer = linkLayerOf(kind);
  if (linkLayer !== undefined) return linkLayer;
  throw new UsageError(
    `interface ${name} carries neither Ethernet nor plain IP (link type ${kind})`,
  );
}

function hardwareKind(name: string): number {
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, IFNAMSIZ - 1, 'utf8');
  const socket = checkErrno('open a socket', libc.socket(AF_INET, SOCK_DGRAM, 0));
  try {
    checkErrno(`query the type of ${name}`, libc.ioctl(socket, SIOCGIFHWADDR, request));
  } finally {
    libc.close(socket);
  }
  return request.readUInt16LE(IFNAMSIZ);
}
