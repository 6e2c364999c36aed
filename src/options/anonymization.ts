/** What would tell more of hosts than --anonymize prefix lets them be told apart by. */
import { UsageError } from '../faults.js';
import { USUAL_NETWORK } from '../sampling/prefix.js';
import type { RunOptions } from './run-options.js';
import type { ParsedOptions } from './table.js';

/** Throws a UsageError where networks are asked for that are longer than what is left of addresses. */
export function refuseLongerNetworks(
  { metrics, metricsBy }: ParsedOptions,
  { anonymization, aggregation }: Pick<RunOptions, 'anonymization' | 'aggregation'>,
): void {
  if (anonymization.how !== 'prefix') return;
  const { bitsV4, bitsV6 } = anonymization;
  if (aggregation.interval !== undefined && aggregation.by === 'prefix') {
    refuseLonger('--aggregate-v4', aggregation.bitsV4, '--anonymize-v4', bitsV4);
    refuseLonger('--aggregate-v6', aggregation.bitsV6, '--anonymize-v6', bitsV6);
  }
  if (metrics === undefined || metricsBy !== 'prefix') return;
  refuseLonger('--metrics-by prefix', USUAL_NETWORK.bitsV4, '--anonymize-v4', bitsV4);
  refuseLonger('--metrics-by prefix', USUAL_NETWORK.bitsV6, '--anonymize-v6', bitsV6);
}

function refuseLonger(what: string, bits: number, flag: string, left: number): void {
  if (bits <= left) return;
  throw new UsageError(`${what} tells networks of /${bits} apart, and ${flag} leaves /${left}`);
}
