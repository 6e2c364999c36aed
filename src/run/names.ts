/** Names of hosts for a run. */
import type { RunOptions } from '../options/options.js';
import type { FoundNames } from '../resolver/found-names.js';

/** Undefined where hosts are shown by their addresses. Loaded only where it is wanted. */
export async function namesFor({ resolve }: RunOptions): Promise<FoundNames | undefined> {
  if (!resolve) return undefined;
  const found = await import('../resolver/found-names.js');
  const { reverseLookup } = await import('../resolver/reverse-lookup.js');
  return new found.FoundNames(reverseLookup());
}
