/** What RTTs in metrics are split by. Where the core counts them, it has to split them itself. */
import { UsageError } from '../faults.js';
import { type AggregatedBy, type Aggregation, areOnlyAggregated } from '../sampling/aggregation.js';
import type { Given } from './conflicts.js';
import type { MetricsOptions } from './run-options.js';

const NO_OWNERS = '--metrics-by owner needs --who';
const OR_COUNTED = ', or --aggregate with --aggregate-by owner and without --events';

type MetricsBy = MetricsOptions['by'];

/** The finest first. */
const SPLIT_BY: Record<AggregatedBy, readonly [MetricsBy, ...MetricsBy[]]> = {
  prefix: ['prefix', 'interface', 'none'],
  owner: ['owner', 'none'],
  interface: ['interface', 'none'],
  none: ['none'],
};

/**
 * Throws a UsageError where they cannot be split by what was asked for.
 * @param by what was asked for, or the default
 * @returns what they are split by: instead of a default that cannot be had, the finest that can
 */
export function metricsBy(by: MetricsBy, given: Given, aggregation: Aggregation): MetricsBy {
  if (!areOnlyAggregated(aggregation)) {
    if (by === 'owner' && !given.has('who')) throw new UsageError(NO_OWNERS + OR_COUNTED);
    return by;
  }
  const possible = SPLIT_BY[aggregation.by];
  if (possible.includes(by)) return by;
  if (!given.has('metricsBy')) return possible[0];
  throw new UsageError(
    `--metrics-by ${by} needs --events: --aggregate-by ${aggregation.by} alone allows --metrics-by ${possible.join(' or ')}`,
  );
}
