/** Arguments -> options, with what names of hosts stand for. */
import type { Options } from '../options/options.js';

/**
 * Throws a UsageError or Fault that says what is wrong.
 * @returns undefined when help was asked for and has been printed
 */
export async function readArguments(args: readonly string[]): Promise<Options | undefined> {
  const { parseOptions } = await import('../options/options.js');
  const { KnownHosts } = await import('../options/hosts.js');
  const hosts = new KnownHosts();
  try {
    const options = parseOptions(args, hosts);
    if (hosts.missing.size === 0) return options;
  } catch (error) {
    // Without some addresses what was read may look wrong and not be.
    if (hosts.missing.size === 0) throw error;
  }
  return parseOptions(args, new KnownHosts(await prefixesOf(hosts.missing)));
}

async function prefixesOf(names: Iterable<string>) {
  const { lookUp } = await import('../resolver/addresses.js');
  const { parseAddress } = await import('../options/prefix.js');
  const found = await lookUp(names);
  return new Map(
    Array.from(found, ([name, addresses]) => [name, addresses.map(parseAddress)] as const),
  );
}
