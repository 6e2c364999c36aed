/** When a run ends. */
import { LEAST_FOR_P99, LEAST_SAMPLES } from '../../summary/condition.js';
import { LEAST_SHARED_BYTES } from '../../summary/resent.js';
import { parseCount, parsePositiveSeconds } from '../arguments.js';
import { METRICS_TEXT, parseCondition } from '../condition.js';
import type { OptionRow } from '../row.js';

/** What --until needs to know, which is too long for its help. */
export const END_NOTE = `--until compares a metric with a duration, a percentage or a number, using >, >=, < or <=. "/10s" computes the metric over the last 10 s instead of the whole run; it is first checked after 10 s. "for 1m" requires it to stay true for 1 min without a break. Both sides and all interfaces count together; with --protocol, the RTTs of each protocol are checked separately. Data that has had no answer for --timestamp-timeout counts as an RTT of the time that it has waited so far. min, p50, median, p90 and max need at least ${LEAST_SAMPLES} RTTs or DNS response times, p99 needs ${LEAST_FOR_P99}; dns-unanswered and dns-failed need ${LEAST_SAMPLES} queries; retrans, the percentage of TCP bytes that were retransmitted, needs ${LEAST_SHARED_BYTES / 1000} kB. samples and events-lost (events that pping itself lost) are counted from the start of the run. A condition without enough data never comes true; a line on standard error says so after its first window, in a live run, and at the end.`;

export const END = [
  {
    flags: '-c, --count <n>',
    help: 'end after this many RTTs and, where the format has them, DNS response times, counted together',
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
    help: `end with exit code 10 once this is true: 'p99>50ms'; 'p99>50ms/10s' (over the last 10 s); 'p99>50ms/10s for 1m' (true for 1 min without a break); metrics: ${METRICS_TEXT}`,
    parse: parseCondition,
    isRepeatable: true,
    sets: 'until',
  },
] as const satisfies readonly OptionRow[];
