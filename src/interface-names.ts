/** The network interfaces that this process sees. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** All of them, also those that are down or have no address. */
export function interfaceNames(): string[] {
  try {
    const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n').slice(2);
    return lines.map((line) => line.split(':')[0]?.trim() ?? '').filter((name) => name !== '');
  } catch {
    return Object.keys(networkInterfaces());
  }
}
