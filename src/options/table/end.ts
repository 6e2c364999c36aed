/** When a run ends. */
import { LEAST_FOR_P99, LEAST_SAMPLES } from '../../summary/condition.js';
import { LEAST_SHARED_BYTES } from '../../summary/resent.js';
import { parseCount, parsePositiveSeconds } from '../arguments.js';
import { parseCondition } from '../condition.js';
import type { OptionRow } from '../row.js';

export const END = [
  {
    flags: '-c, --count <n>',
    help: 'end after this many RTTs, or response times of DNS where the format has them',
    parse: parseCount,
    sets: 'count',
  },
  {
    flags: '-s, --seconds <duration>',
    help: 'end after this long; a plain number is in seconds',
    parse: parsePositiveSeconds,
    sets: 'duration',
  },
  {
    flags: '--until <condition>',
    help: `end with exit code 10 once this is true, such as 'p99>50ms', 'p99>50ms/10s' for the last 10 s alone, or 'p99>50ms/10s for 1m' if it stays so; metrics are p50, p90, min, median and max (of at least ${LEAST_SAMPLES} RTTs), p99 (of ${LEAST_FOR_P99}), samples, events-lost (by pping), and retrans, the share of TCP's bytes sent again (of at least ${LEAST_SHARED_BYTES / 1000} kB): 'retrans>2%/10s'; with --protocol dns, of its response times dns-p99 and the like, and dns-unanswered and dns-failed, shares of queries (of at least ${LEAST_SAMPLES}): 'dns-unanswered>5%/1m'`,
    parse: parseCondition,
    isRepeatable: true,
    sets: 'until',
  },
] as const satisfies readonly OptionRow[];
