/** The interfaces that there are to choose from, as words for whoever has named none of them. */
import { readFileSync } from 'node:fs';
import { interfaceNames } from '../interface-names.js';

/** linux/route.h, linux/ipv6_route.h */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** Why `name` cannot be watched, which no interface has. */
export function missingInterfaceText(name: string): string {
  const names = namesText(interfaceNames());
  return `no interface ${JSON.stringify(name)} here; available: ${names}`;
}

/** The way to most of the world is the one that most mean. */
function namesText(names: readonly string[]): string {
  const defaults = defaultRoutes();
  return names.map((name) => name + (defaults.has(name) ? ' (default route)' : '')).join(' ');
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
