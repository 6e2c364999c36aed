/** Address -> name: /etc/hosts first, then the name servers of this machine, as both are now. */
import { Resolver } from 'node:dns/promises';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressText } from '../text/address.js';
import type { ReverseLookup } from './found-names.js';

/** Of the first try; each takes longer than the one before. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;
const HOSTS_FILE = '/etc/hosts';
const SERVERS_FILE = '/etc/resolv.conf';
/** How often it is looked whether these have changed: a run may take days, and a laptop other networks. */
const LOOKED_AT_MS = 10_000;
/** There is no such name, or none of this kind. */
const NONE = new Set(['ENOTFOUND', 'ENODATA']);

export interface ReverseLookupParts {
  readonly hostsFile?: string;
  /** Changes when the name servers of this machine do. */
  readonly serversFile?: string;
  /** As Resolver.setServers() has them; undefined: those of this machine. */
  readonly servers?: () => readonly string[];
  /** In ms, of any beginning; goes forward only. */
  readonly clock?: () => number;
}

/**
 * Not getnameinfo() (dns.lookupService): it takes one of the few threads that write the output, too, for as long as
 * a name server does not answer, and cannot be cancelled when the run is over. Not Resolver.reverse(), which fails in
 * the same way where there is no name and where nobody answers.
 */
export function reverseLookup(parts: ReverseLookupParts = {}): ReverseLookup {
  const { hostsFile = HOSTS_FILE, serversFile = SERVERS_FILE, servers } = parts;
  const clock = parts.clock ?? (() => performance.now());
  const names = new Renewed(hostsFile, clock, () => namesIn(textOf(hostsFile)));
  const resolver = new Renewed(serversFile, clock, () => resolverWith(servers?.()));
  return {
    known: (address) => names.get().get(address),
    async reverse(address) {
      try {
        return await resolver.get().resolvePtr(reverseNameOf(address));
      } catch (error) {
        if (NONE.has((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    },
    cancel() {
      for (const each of resolver.inUse) each.cancel();
    },
  };
}

/** What depends on a file: made anew after it has changed. What is under way with the one before comes to its end. */
class Renewed<Value> {
  readonly #path: string;
  readonly #clock: () => number;
  readonly #make: () => Value;
  #version: string;
  #value: Value;
  #before: Value | undefined;
  #lookedAt: number;

  constructor(path: string, clock: () => number, make: () => Value) {
    this.#path = path;
    this.#clock = clock;
    this.#make = make;
    this.#version = versionOf(path);
    this.#value = make();
    this.#lookedAt = clock();
  }

  /** The one before may be, too. */
  get inUse(): readonly Value[] {
    return this.#before === undefined ? [this.#value] : [this.#before, this.#value];
  }

  get(): Value {
    const now = this.#clock();
    if (now - this.#lookedAt < LOOKED_AT_MS) return this.#value;
    this.#lookedAt = now;
    const version = versionOf(this.#path);
    if (version !== this.#version) {
      this.#version = version;
      this.#before = this.#value;
      this.#value = this.#make();
    }
    return this.#value;
  }
}

/** Empty where there is no such file. */
function versionOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return '';
  }
}

function resolverWith(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  return resolver;
}

/** RFC 1035, 3.5; RFC 3596, 2.5. Throws where that is no address. */
function reverseNameOf(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  if (bytes.length === 4) return `${bytes.reverse().join('.')}.in-addr.arpa`;
  const digits = Buffer.from(bytes).toString('hex');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
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
