/** Hosts in filters, by address or by name. What a name stands for is found between two readings of the arguments. */
import { UsageError } from '../faults.js';
import type { Prefix } from '../sampling/prefix.js';
import { parseAddress, parsePrefix } from './prefix.js';

export interface HostName {
  readonly name: string;
}

export type Host = Prefix | HostName;
/** Throws a UsageError where names are not wanted. */
export type AddressesOf = (host: Host) => readonly Prefix[];

/** Labels with dots between them. */
const NAME = /^(?=.{1,253}$)\w(?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*\.?$/;

/** An address or a name. */
export function parseHost(text: string): Host {
  return isName(text) ? { name: text } : parseAddress(text);
}

/** As `host` takes it in words: also a network. */
export function parseHostOrNetwork(text: string): Host {
  return isName(text) ? { name: text } : parsePrefix(text);
}

function isName(text: string): boolean {
  // Otherwise it is an address gone wrong.
  const last = text.replace(/\.$/, '').split('.').at(-1) ?? '';
  return NAME.test(text) && !/^\d+$/.test(last);
}

/** Refuses names. */
export const addressesOnly: AddressesOf = (host) => {
  if (!('name' in host)) return [host];
  throw new UsageError(`${host.name} is a name, not an address; names need --resolve`);
};

/** What is known of the names of a command line. */
export class KnownHosts {
  /** Those that were asked for and are not known: what was read with them is to be read again. */
  readonly missing = new Set<string>();
  readonly #known: ReadonlyMap<string, readonly Prefix[]>;

  constructor(known: ReadonlyMap<string, readonly Prefix[]> = new Map()) {
    this.#known = known;
  }

  /** None of a name that is missing. */
  readonly addressesOf: AddressesOf = (host) => {
    if (!('name' in host)) return [host];
    const addresses = this.#known.get(host.name);
    if (addresses === undefined) this.missing.add(host.name);
    return addresses ?? [];
  };
}
