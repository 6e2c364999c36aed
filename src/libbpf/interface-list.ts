/** The interfaces that there are to choose from, as words for whoever has named none of them. */
import { readFileSync } from 'node:fs';
import { interfaceNames } from '../interface-names.js';
import { checkErrno } from './errors.js';
import { libc } from './ffi.js';

const AF_INET = 2;
const SOCK_DGRAM = 2;
/** linux/sockios.h, linux/if.h */
const SIOCGIFFLAGS = 0x8913;
const IFF_UP = 1;
const IFNAMSIZ = 16;
/** struct ifreq; what is asked for follows the name. */
const IFREQ_BYTES = 40;
/** linux/route.h, linux/ipv6_route.h */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** What a capturing program takes for all interfaces at once; traffic control has no such thing. */
const ALL_INTERFACES = 'any';

/** Why `name` cannot be watched, which no interface has. */
export function missingInterfaceText(name: string): string {
  const names = interfaceNames();
  if (name !== ALL_INTERFACES) {
    return `no interface ${JSON.stringify(name)} here; there are: ${namesText(names)}`;
  }
  const up = names.filter((each) => (interfaceFlags(each) & IFF_UP) !== 0);
  const choice = up.length === 0 ? 'none is up' : `up are: ${namesText(up)}`;
  return `no interface is called "any", and a run watches one; ${choice}`;
}

/** The way to most of the world is the one that most mean. */
function namesText(names: readonly string[]): string {
  const defaults = defaultRoutes();
  return names.map((name) => name + (defaults.has(name) ? ' (default route)' : '')).join(' ');
}

/** 0 where they cannot be asked for. */
function interfaceFlags(name: string): number {
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, IFNAMSIZ - 1, 'utf8');
  const socket = checkErrno('open a socket', libc.socket(AF_INET, SOCK_DGRAM, 0));
  try {
    if (libc.ioctl(socket, SIOCGIFFLAGS, request) < 0) return 0;
  } finally {
    libc.close(socket);
  }
  return request.readUInt16LE(IFNAMSIZ);
}

/** The interfaces that a default route goes through, of IPv4 or IPv6. */
function defaultRoutes(): ReadonlySet<string> {
  const ipv4 = routes('route').filter(([, to, , flags, , , , mask]) => {
    return isZero(to) && isZero(mask) && isUsable(flags);
  });
  const ipv6 = routes('ipv6_route').filter(([to, length, , , , , , , flags]) => {
    return isZero(to) && isZero(length) && isUsable(flags);
  });
  return new Set([...ipv4.map(([name = '']) => name), ...ipv6.map((route) => route.at(-1) ?? '')]);
}

/** Fields of each line; none where there is no such file. */
function routes(file: 'route' | 'ipv6_route'): string[][] {
  try {
    const lines = readFileSync(`/proc/self/net/${file}`, 'utf8').split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

function isZero(digits = ''): boolean {
  return /^0+$/.test(digits);
}

function isUsable(flags = '0'): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_REJECT) === 0;
}
