/** Address -> name: /etc/hosts first, then the name servers of this machine. */
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressText } from '../text/address.js';
import type { ReverseLookup } from './found-names.js';

/** Of the first try; each takes longer than the one before. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;
const HOSTS_FILE = '/etc/hosts';

/**
 * Not getnameinfo() (dns.lookupService): it takes one of the few threads that write the output, too, for as long as
 * a name server does not answer, and cannot be cancelled when the run is over. The Resolver leaves out the first
 * name in /etc/hosts, so this is read here.
 * @param servers as Resolver.setServers() has them; undefined: those of this machine
 */
export function reverseLookup(hostsFile = HOSTS_FILE, servers?: readonly string[]): ReverseLookup {
  const names = namesIn(textOf(hostsFile));
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  return {
    known: (address) => names.get(address),
    reverse: (address) => resolver.reverse(address),
    cancel: () => resolver.cancel(),
  };
}

/** Without such a file there are only name servers. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** By address, as addressText() has it. Of several lines for one the first counts, as for the C library. */
export function namesIn(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [address = '', name] = line.replace(/#.*/, '').trim().split(/\s+/);
    const version = address.includes('%') ? 0 : isIP(address);
    if (name === undefined || version === 0) continue;
    const bytes = Uint8Array.from(ipaddr.parse(address).toByteArray());
    const key = version === 4 ? bytes.join('.') : addressText(bytes, 6);
    if (!names.has(key)) names.set(key, name);
  }
  return names;
}
