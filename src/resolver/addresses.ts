/** Name of a host -> its addresses, before a run begins. */
import { lookup } from 'node:dns/promises';
import { Fault, messageOf, UsageError } from '../faults.js';

/** Of a process that begins anew: it takes over what the names stood for when it began. */
const VARIABLE = 'PPING_LOOKED_UP';

export type Addresses = ReadonlyMap<string, readonly string[]>;

/**
 * All addresses of each, of both families, as getaddrinfo() has them: /etc/hosts, DNS and what else the machine uses.
 * Throws a UsageError where there is no such host, a Fault where nobody can tell.
 */
export async function lookUp(names: Iterable<string>): Promise<Addresses> {
  const before = takeOver();
  if (before) return before;
  const found = new Map<string, readonly string[]>();
  for (const name of names) found.set(name, await addressesOf(name));
  process.env[VARIABLE] = JSON.stringify({ pid: process.pid, found: [...found] });
  return found;
}

function takeOver(): Addresses | undefined {
  const text = process.env[VARIABLE];
  delete process.env[VARIABLE];
  if (text === undefined) return undefined;
  const { pid, found } = JSON.parse(text) as { pid: number; found: [string, string[]][] };
  return pid === process.pid ? new Map(found) : undefined;
}

async function addressesOf(name: string): Promise<readonly string[]> {
  try {
    const found = await lookup(name, { all: true });
    return [...new Set(found.map(({ address }) => address.replace(/%.*/, '')))];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND') throw new UsageError(`${name}: no such host`);
    if (code === 'EAI_AGAIN') throw new Fault(`${name}: no name server answers`);
    throw new Fault(`${name} cannot be looked up: ${messageOf(error)}`);
  }
}
