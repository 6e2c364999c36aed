/** What RTTs in metrics are told apart by, where the core counts them: it has to tell that apart itself. */
import { UsageError } from '../faults.js';
import { type AggregatedBy, type Aggregation, areOnlyAggregated } from '../sampling/aggregation.js';
import type { Given } from './conflicts.js';
import type { MetricsOptions } from './run-options.js';

const NO_OWNERS = '--metrics-by owner takes --who, which finds out whose connections are';

type MetricsBy = MetricsOptions['by'];

/** The finest first. */
const TOLD_APART: Record<AggregatedBy, readonly [MetricsBy, ...MetricsBy[]]> = {
  prefix: ['prefix', 'interface', 'none'],
  owner: ['owner', 'none'],
  interface: ['interface', 'none'],
  none: ['none'],
};

/**
 * Throws a UsageError where they cannot be told apart by what was asked for.
 * @param by what was asked for, or the default
 * @returns what they are told apart by: instead of a default that cannot be had, the finest that can
 */
export function metricsBy(by: MetricsBy, given: Given, aggregation: Aggregation): MetricsBy {
  if (!areOnlyAggregated(aggregation)) {
    if (by === 'owner' && !given.has('who')) throw new UsageError(NO_OWNERS);
    return by;
  }
  const possible = TOLD_APART[aggregation.by];
  if (possible.includes(by)) return by;
  if (!given.has('metricsBy')) return possible[0];
  throw new UsageError(
    `--metrics-by ${by} takes --events: with --aggregate-by ${aggregation.by} alone there is --metrics-by ${possible.join(' or ')}`,
  );
}
