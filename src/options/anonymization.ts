/** Options that would show more of hosts than --anonymize prefix leaves. */
import { UsageError } from '../faults.js';
import type { Given } from './conflicts.js';
import type { ParsedOptions } from './table.js';

/**
 * Networks are no longer than what is left of addresses: those whose length was not asked for are shorter then.
 * Throws a UsageError where it was.
 */
export function withinAnonymized(parsed: ParsedOptions, given: Given): ParsedOptions {
  const { anonymize, anonymizeV4, anonymizeV6, aggregateV4, aggregateV6 } = parsed;
  if (anonymize !== 'prefix') return parsed;
  if (given.has('aggregateV4')) refuseLonger('v4', aggregateV4, anonymizeV4);
  if (given.has('aggregateV6')) refuseLonger('v6', aggregateV6, anonymizeV6);
  return {
    ...parsed,
    aggregateV4: Math.min(aggregateV4, anonymizeV4),
    aggregateV6: Math.min(aggregateV6, anonymizeV6),
  };
}

function refuseLonger(version: 'v4' | 'v6', bits: number, left: number): void {
  if (bits <= left) return;
  throw new UsageError(
    `--aggregate-${version} ${bits} is longer than the /${left} that --anonymize prefix leaves`,
  );
}
