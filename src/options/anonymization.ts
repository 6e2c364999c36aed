/** What would tell more of hosts than --anonymize prefix lets them be told apart by. */
import { UsageError } from '../faults.js';
import type { RunOptions } from './run-options.js';
import type { ParsedOptions } from './table.js';

/** Throws a UsageError where networks are asked for that are longer than what is left of addresses. */
export function refuseLongerNetworks(
  { metrics, metricsBy }: ParsedOptions,
  { anonymization, aggregation }: Pick<RunOptions, 'anonymization' | 'aggregation'>,
): void {
  if (anonymization.how !== 'prefix') return;
  const isCounted = aggregation.interval !== undefined && aggregation.by === 'prefix';
  const isInMetrics = metrics !== undefined && metricsBy === 'prefix';
  if (!isCounted && !isInMetrics) return;
  const { bitsV4, bitsV6 } = aggregation;
  const what = isCounted ? ['--aggregate-v4', '--aggregate-v6'] : ['--metrics-by prefix'];
  refuseLonger(what[0], bitsV4, '--anonymize-v4', anonymization.bitsV4);
  refuseLonger(what.at(-1), bitsV6, '--anonymize-v6', anonymization.bitsV6);
}

function refuseLonger(what = '', bits: number, flag: string, left: number): void {
  if (bits <= left) return;
  throw new UsageError(`${what} tells networks of /${bits} apart, and ${flag} leaves /${left}`);
}
